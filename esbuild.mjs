// Builds dist/: the extension and the terminal program, whose shared and late parts are files of their own, and beside
// them ssh2 and the HTTP library: activating the extension reads only what it registers. And the pages of webviews.
import { readdir, mkdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { build, transform } from "esbuild";
import { writeNotices } from "./scripts/thirdPartyNotices.mjs";
import { watch } from "./scripts/watch.mjs";

const production = process.argv.includes("--production");

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
  // VS Code has none for extensions, and writes an error into its console where a library looks for it.
  define: { navigator: "undefined" },
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

/**
 * esbuild splits only ECMAScript modules, and VS Code 1.96 takes only CommonJS: what was split is translated file by
 * file. Each module is in one file, so a class or a table exists once, whoever loads it first.
 */
const partsAsCommonJs = {
  name: "parts-as-common-js",
  setup({ onEnd }) {
    onEnd(async ({ errors, outputFiles }) => {
      if (errors.length > 0) return;
      await mkdir(shared.outdir, { recursive: true });
      const written = outputFiles.map(async ({ path, text }) => {
        const name = basename(path);
        const { code, map } = await transform(text, {
          format: "cjs",
          platform: "node",
          target: "node20",
          // `import()` of a part is a late `require`.
          supported: { "dynamic-import": false },
          minify: production,
          legalComments: "none",
          sourcemap: production ? false : "external",
          sourcefile: name,
        });
        await writeFile(path, production ? code : `${code}//# sourceMappingURL=${name}.map\n`);
        if (!production) await writeFile(`${path}.map`, map);
        return name;
      });
      await removeStale(partPrefix, await Promise.all(written));
    });
  },
};

const partPrefix = "part-";
const pagePartPrefix = "page-";

/** What pages share is named by its content: removes what an earlier build left. */
const withoutStaleParts = {
  name: "without-stale-parts",
  setup({ initialOptions, onEnd }) {
    initialOptions.metafile = true;
    onEnd(async ({ errors, metafile }) => {
      if (errors.length > 0) return;
      await removeStale(
        pagePartPrefix,
        Object.keys(metafile.outputs).map((path) => basename(path)),
      );
    });
  },
};

/** Removes the built files with this prefix that are not among the names, and their source maps. */
async function removeStale(prefix, names) {
  const built = (await readdir(shared.outdir)).filter((name) => name.startsWith(prefix));
  const stale = built.filter((name) => !names.includes(name.replace(/\.map$/, "")));
  await Promise.all(stale.map((name) => rm(join(shared.outdir, name))));
}

const page = { ...shared, platform: "browser", define: {}, target: "chrome128" };

const programs = [
  {
    ...shared,
    entryPoints: ["src/extension.ts", "src/headless.ts"],
    external: ["vscode"],
    format: "esm",
    splitting: true,
    chunkNames: `${partPrefix}[name]-[hash]`,
    sourcemap: production ? false : "inline",
    write: false,
    plugins: [librariesInTheirOwnFiles, partsAsCommonJs],
  },
  { ...shared, entryPoints: { webFramework: "src/api/http/webFramework.ts" } },
  {
    ...shared,
    entryPoints: { transportLibraries: "src/relay/wire/transportLibraries.ts" },
    // ws does without its native parts.
    external: ["bufferutil", "utf-8-validate"],
  },
  { ...shared, entryPoints: { ssh2: "ssh2" }, plugins: [withoutNativeParts] },
  {
    ...page,
    entryPoints: {
      webview: "webview-ui/main.ts",
      charts: "webview-ui/charts/main.ts",
      run: "webview-ui/run/main.ts",
      compare: "webview-ui/compare/main.ts",
      connection: "webview-ui/connection.ts",
    },
    // The toolkit, the charts and the elements are each in more than one page.
    format: "esm",
    splitting: true,
    chunkNames: `${pagePartPrefix}[hash]`,
    // Its ready-made bundle is little more than half as big as what its modules come to.
    alias: { "@vscode/webview-ui-toolkit": "@vscode/webview-ui-toolkit/dist/toolkit.js" },
    plugins: [withoutStaleParts],
  },
  {
    ...page,
    entryPoints: { table: "webview-ui/table/main.ts", glance: "webview-ui/glance.ts" },
    format: "iife",
  },
];

if (process.argv.includes("--watch")) await watch(programs);
else {
  const built = [];
  for (const options of programs) built.push((await build({ ...options, metafile: true })).metafile);
  await writeNotices(built, join(shared.outdir, "NOTICE.txt"));
}
