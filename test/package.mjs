// Packs the extension as it is published, and checks what is in it: nothing missing, nothing else, small.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
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
    "NOTICE.txt",
  ].map((name) => `dist/${name}`),
  ...readdirSync(join(projectFolder, "l10n")).map((name) => `l10n/${name}`),
  ...readdirSync(join(projectFolder, "media"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(projectFolder, join(parentPath, name)).replaceAll("\\", "/")),
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

/** The packages whose code is in the built files: where it is not minified, each module has its path above it. */
function packagesInside() {
  execFileSync("npm", ["run", "--silent", "build"], { cwd: projectFolder, stdio: "pipe" });
  const dist = join(projectFolder, "dist");
  const texts = readdirSync(dist)
    .filter((name) => name.endsWith(".js"))
    .map((name) => readFileSync(join(dist, name), "utf8"));
  const paths = texts.flatMap(
    (text) => text.match(/(?<=^\s*\/\/ (?:.*\/)?node_modules\/)(?:@[^/\s]+\/)?[^/\s]+/gm) ?? [],
  );
  return [...new Set(paths)].sort();
}

/** Whether the notice has a part for the package that is longer than its name: the text of a licence. */
function hasLicence(notice, name) {
  const part = notice.split(/^-{80}$/m).find((text) => text.trim().startsWith(`${name} `));
  return part !== undefined && part.length > 400;
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
  const notice = readFileSync(join(projectFolder, "dist", "NOTICE.txt"), "utf8");
  const inside = packagesInside();
  assert.ok(inside.length > 15, `${inside.length} packages are inside`);
  const unnamed = inside.filter((name) => !hasLicence(notice, name));
  assert.deepEqual(unnamed, [], "every package that is inside is named, with its licence");
  const { size } = statSync(file);
  console.log(`${files.length} files, ${Math.round(size / 1024)} KiB packed`);
  assert.ok(size < sizeLimit, `the package has ${size} bytes`);
} finally {
  rmSync(folder, { recursive: true });
}
