// Packs the extension as it is published, and checks what is in it: nothing missing, nothing else, small.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectFolder } from "./support/dependencies.mjs";

const sizeLimit = 1024 * 1024;
const wanted = [
  "CHANGELOG.md",
  "LICENSE",
  "README.md",
  "README.zh-cn.md",
  ...[
    "extension.js",
    "headless.js",
    "ssh2.js",
    "webFramework.js",
    "transportLibraries.js",
    "webview.js",
    "charts.js",
    "charts.css",
  ].map((name) => `dist/${name}`),
  ...readdirSync(join(projectFolder, "l10n")).map((name) => `l10n/${name}`),
  ...readdirSync(join(projectFolder, "media")).map((name) => `media/${name}`),
  "package.json",
  "package.nls.json",
  "package.nls.zh-cn.json",
];

function partsReferredTo(files) {
  const names = files.flatMap(
    (file) =>
      readFileSync(join(projectFolder, file), "utf8").match(/(?<=\.\/)part-[\w-]+\.js(?=["'])/g) ?? [],
  );
  return [...new Set(names)].map((name) => `dist/${name}`).sort();
}

const folder = mkdtempSync(join(tmpdir(), "vsix-"));
try {
  const file = join(folder, "extension.vsix");
  const run = (...command) => execFileSync("npx", command, { cwd: projectFolder, encoding: "utf8" });
  execFileSync("npm", ["run", "--silent", "package", "--", "--out", file], {
    cwd: projectFolder,
    stdio: "pipe",
  });
  const files = run("vsce", "ls", "--no-dependencies").trim().split("\n").sort();
  // What the two programs share or read late, named by the build.
  const parts = files.filter((name) => /^dist\/part-[\w-]+-[0-9A-Z]{8}\.js$/.test(name));
  const referred = partsReferredTo(["dist/extension.js", "dist/headless.js", ...parts]);
  assert.deepEqual(parts, referred, "every part is there, and none of an earlier build");
  assert.deepEqual(files, [...wanted, ...parts].sort());
  const { size } = statSync(file);
  console.log(`${files.length} files, ${Math.round(size / 1024)} KiB packed`);
  assert.ok(size < sizeLimit, `the package has ${size} bytes`);
} finally {
  rmSync(folder, { recursive: true });
}
