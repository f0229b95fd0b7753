// Makes what a release publishes, and refuses where its tag, its version and its changelog do not agree. Publishes nothing.
//   npm run release -- v1.2.3 [--out FOLDER] [--dry-run]
// FOLDER (.cache/release) then has the VSIX and notes.md. One that has anything else is refused. A dry run needs no heading in the changelog yet.
import { Buffer } from "node:buffer";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import yauzl from "yauzl";
import { foreignIn, notesOf, releaseProblems } from "./releaseFacts.mjs";

const project = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const read = (name) => readFileSync(join(project, name), "utf8");
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { out: { type: "string" }, "dry-run": { type: "boolean" } },
});
const out = resolve(values.out ?? join(project, ".cache", "release"));
const dryRun = values["dry-run"] ?? false;
const { name, version } = JSON.parse(read("package.json"));
const lock = JSON.parse(read("package-lock.json"));
const changelog = read("CHANGELOG.md");
const tag = positionals[0] ?? (dryRun ? `v${version}` : "");

const problems = releaseProblems({
  tag,
  version,
  lockVersions: [lock.version, lock.packages[""].version],
  changelog,
  dryRun,
});
if (problems.length > 0) {
  for (const problem of problems) console.error(problem);
  process.exit(1);
}

mkdirSync(out, { recursive: true });
const before = readdirSync(out);
const foreign = foreignIn(before, name);
if (foreign.length > 0) {
  console.error(`${out} has what no release made, such as ${foreign[0]}. Choose an empty folder.`);
  process.exit(1);
}
for (const one of before) rmSync(join(out, one));
const vsix = join(out, `${name}-${version}.vsix`);
execFileSync(process.execPath, [join(project, "scripts", "package.mjs"), "--out", vsix], {
  stdio: "inherit",
});
const packed = JSON.parse(await fileInZip(vsix, "extension/package.json"));
if (packed.version !== version) {
  console.error(`The VSIX has version ${packed.version}, not ${version}.`);
  process.exit(1);
}
writeFileSync(join(out, "notes.md"), `${notesOf(changelog, version, { dryRun })}\n`);
console.log(`${dryRun ? "Dry run: " : ""}${tag}, ${vsix} and ${join(out, "notes.md")}`);

/** The text of one file in a zip archive. */
async function fileInZip(archive, wanted) {
  const zip = await yauzl.openPromise(archive);
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName !== wanted) continue;
    const chunks = await (await zip.openReadStreamPromise(entry)).toArray();
    return Buffer.concat(chunks).toString("utf8");
  }
  throw new Error(`${archive} has no ${wanted}`);
}
