// Packs the extension as it is published, and checks what is in it: nothing missing, nothing else, small, no dead link.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix, relative } from "node:path";
import { linksOf, picturesOf } from "../scripts/detailsPage.mjs";
import { projectFolder } from "./support/dependencies.mjs";

/** Bytes of the package, without its pictures, and of one of those. */
const sizeLimit = 1024 * 1024;
const readmes = ["README.md", "README.zh-cn.md"];
const wanted = [
  "CHANGELOG.md",
  "LICENSE",
  "SECURITY.md",
  ...readmes,
  ...[
    "api",
    "relay",
    "runs",
    "runs.zh-cn",
    "shared-hosts",
    "slurm",
    "ssh-config",
    "terminal",
    "terminal.zh-cn",
  ].map((name) => `docs/${name}.md`),
  ...[
    "extension.js",
    "headless.js",
    "ssh2.js",
    "webFramework.js",
    "transportLibraries.js",
    "webview.js",
    "charts.js",
    "charts.css",
    "connection.js",
    "connection.css",
    "compare.js",
    "compare.css",
    "run.js",
    "run.css",
    "table.js",
    "table.css",
    "glance.js",
    "glance.css",
    "NOTICE.txt",
  ].map((name) => `dist/${name}`),
  ...readdirSync(join(projectFolder, "l10n")).map((name) => `l10n/${name}`),
  ...readdirSync(join(projectFolder, "media"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(projectFolder, join(parentPath, name)).replaceAll("\\", "/")),
  "docs/images/en/glance.png",
  "docs/images/en/main-job.png",
  "package.json",
  "package.nls.json",
  "package.nls.zh-cn.json",
];

function partsReferredTo(files) {
  const names = files.flatMap(
    (file) =>
      readFileSync(join(projectFolder, file), "utf8").match(/(?<=\.\/)(?:part|page)-[\w-]+\.js(?=["'])/g) ??
      [],
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

const textOf = (file) => readFileSync(join(projectFolder, file), "utf8");

/** The links of a packed text that lead to no packed file, or to no heading in it. */
function deadLinks(file, files) {
  return linksOf(textOf(file)).filter((link) => {
    const [path, heading] = link.split("#");
    const target = path === "" ? file : posix.join(posix.dirname(file), path);
    if (!files.includes(target)) return true;
    return heading !== undefined && !anchorsOf(textOf(target)).includes(heading);
  });
}

/** What `#` leads to, as GitHub and VS Code make it of headings. */
function anchorsOf(markdown) {
  const headings = [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, words]) => words);
  return headings.map((words) =>
    words
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
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
  // What the two programs share or read late, and what pages share, named by the build.
  const parts = files.filter((name) => /^dist\/(?:part-[\w-]+-|page-)[0-9A-Z]{8}\.js$/.test(name));
  const entries = wanted.filter((name) => /^dist\/\w+\.js$/.test(name));
  const referred = partsReferredTo([...entries, ...parts]);
  assert.deepEqual(parts, referred, "every part is there, and none of an earlier build");
  assert.deepEqual(files, [...wanted, ...parts].sort());
  const notice = readFileSync(join(projectFolder, "dist", "NOTICE.txt"), "utf8");
  const inside = packagesInside();
  assert.ok(inside.length > 15, `${inside.length} packages are inside`);
  const unnamed = inside.filter((name) => !hasLicence(notice, name));
  assert.deepEqual(unnamed, [], "every package that is inside is named, with its licence");
  for (const name of files.filter((one) => one.endsWith(".md")))
    assert.deepEqual(deadLinks(name, files), [], `every link of ${name} leads to a packed file`);
  // As scripts/package.mjs has left it.
  const details = readFileSync(join(projectFolder, ".cache", "package", "README.md"), "utf8");
  assert.deepEqual(linksOf(details), [], "the page of details has links into the web alone");
  assert.deepEqual(picturesOf(details), [], "and no picture, for it would show none");
  const overview = readFileSync(join(projectFolder, ".cache", "package", "OVERVIEW.md"), "utf8");
  assert.equal(overview, textOf("README.md"), "the whole text is packed beside it");
  const pictures = [...new Set(readmes.flatMap((name) => picturesOf(textOf(name))))];
  assert.deepEqual(
    pictures.filter((name) => !files.includes(name)),
    [],
    "every picture is packed",
  );
  const sizes = pictures.map((name) => statSync(join(projectFolder, name)).size);
  assert.ok(Math.max(...sizes) < sizeLimit, `no picture has more than ${sizeLimit} bytes: ${sizes}`);
  const { size } = statSync(file);
  const withoutPictures = size - sizes.reduce((sum, one) => sum + one, 0);
  const kib = (bytes) => `${Math.round(bytes / 1024)} KiB`;
  console.log(`${files.length} files, ${kib(size)} packed, ${kib(withoutPictures)} without pictures`);
  assert.ok(withoutPictures < sizeLimit, `the package has ${withoutPictures} bytes beside pictures`);
} finally {
  rmSync(folder, { recursive: true });
}
