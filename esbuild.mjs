// Builds dist/: the extension and the terminal program, and beside them ssh2 and the HTTP library as files of their own,
// so that activating the extension does not load them.
import { build, context } from "esbuild";

const production = process.argv.includes("--production");
const watch = process.argv.includes("--watch");

const shared = {
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  outdir: "dist",
  sourcemap: production ? false : "linked",
  minify: production,
  legalComments: "none",
  loader: { ".sh": "text", ".py": "text" },
  logLevel: "warning",
};

/** ssh2 tries its native parts and falls back to JavaScript when they are missing: they are never shipped. */
const withoutNativeParts = {
  name: "without-native-parts",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\.node$|^cpu-features$/ }, ({ path }) => ({ path, namespace: "missing" }));
    onLoad({ filter: /.*/, namespace: "missing" }, () => ({ contents: "throw new Error('not shipped')" }));
  },
};

const librariesInTheirOwnFiles = {
  name: "libraries-in-their-own-files",
  setup({ onResolve }) {
    onResolve({ filter: /^ssh2$/ }, () => ({ path: "./ssh2.js", external: true }));
    for (const name of ["webFramework", "transportLibraries"]) {
      onResolve({ filter: new RegExp(`/${name}\\.js$`) }, () => ({ path: `./${name}.js`, external: true }));
    }
  },
};

const programs = [
  {
    ...shared,
    entryPoints: ["src/extension.ts", "src/headless.ts"],
    external: ["vscode"],
    plugins: [librariesInTheirOwnFiles],
  },
  { ...shared, entryPoints: { webFramework: "src/api/webFramework.ts" } },
  {
    ...shared,
    entryPoints: { transportLibraries: "src/relay/transportLibraries.ts" },
    // ws does without its native parts.
    external: ["bufferutil", "utf-8-validate"],
  },
  { ...shared, entryPoints: { ssh2: "ssh2" }, plugins: [withoutNativeParts] },
  {
    ...shared,
    entryPoints: { webview: "webview-ui/main.ts", charts: "webview-ui/charts.ts" },
    platform: "browser",
    target: "chrome128",
    format: "iife",
    // Its ready-made bundle is little more than half as big as what its modules come to.
    alias: { "@vscode/webview-ui-toolkit": "@vscode/webview-ui-toolkit/dist/toolkit.js" },
  },
];

for (const options of programs) {
  if (watch) await (await context(options)).watch();
  else await build(options);
}
