// Checks the structure of src/: the rules of .dependency-cruiser.cjs, then every folder as a room whose own files and
// sub-folders may import each other in one direction only. Unit tests lie where their subject lies.
//   npm run arrows             the check
//   npm run arrows -- --table  with a table of the rooms
import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, relative, sep } from "node:path";
import { cruise } from "dependency-cruiser";
import extractTSConfig from "dependency-cruiser/config-utl/extract-ts-config";

const mostFiles = 16;
const configuration = createRequire(import.meta.url)("../.dependency-cruiser.cjs");
const { output } = await cruise(
  ["src"],
  { ...configuration.options, ruleSet: configuration, validate: true },
  undefined,
  { tsConfig: extractTSConfig("tsconfig.json") },
);
const problems = output.summary.violations.map(
  ({ rule, from, to, cycle }) =>
    `${rule.name}: ${from} → ${cycle?.map(({ name }) => name).join(" → ") ?? to}`,
);

const imports = output.modules
  .filter(({ source }) => source.startsWith("src/"))
  .flatMap(({ source, dependencies }) =>
    dependencies
      .filter(({ resolved }) => resolved.startsWith("src/"))
      .map(({ resolved }) => ({ from: source, to: resolved })),
  );
const folders = [
  "src",
  ...readdirSync("src", { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => relative(".", join(entry.parentPath, entry.name)).split(sep).join("/")),
];
const rows = folders.sort().map((folder) => {
  const entries = readdirSync(folder, { withFileTypes: true });
  const files = entries.filter(({ name }) => /\.(ts|sh|py)$/.test(name)).length;
  const arrows = arrowsIn(folder);
  const back = arrowsBackUp(arrows);
  if (files > mostFiles) problems.push(`${folder} has ${files} files of its own, more than ${mostFiles}`);
  for (const { from, to } of back) problems.push(`${folder}: ${from} → ${to} is part of a circle of folders`);
  const isSubRoom = folder.split("/").length > 2;
  if (isSubRoom && !existsSync(join(folder, "README.md")))
    problems.push(`${folder} has no README.md that says what it is for`);
  return {
    folder,
    files,
    "sub-folders": entries.filter((entry) => entry.isDirectory()).length,
    arrows: arrows.length,
    "back up": back.length,
  };
});

/** Who imports whom among a folder's own files and its sub-folders, each pair once. */
function arrowsIn(folder) {
  const inside = (file) => file.startsWith(`${folder}/`);
  const nodeOf = (file) => file.slice(folder.length + 1).split("/")[0];
  const pairs = imports
    .filter(({ from, to }) => inside(from) && inside(to) && nodeOf(from) !== nodeOf(to))
    .map(({ from, to }) => `${nodeOf(from)}\n${nodeOf(to)}`);
  return [...new Set(pairs)].map((pair) => {
    const [from, to] = pair.split("\n");
    return { from, to };
  });
}

/** Arrows whose target leads back to their origin. */
function arrowsBackUp(arrows) {
  const leadsTo = (start, end, seen = new Set([start])) =>
    start === end ||
    arrows
      .filter(({ from, to }) => from === start && !seen.has(to))
      .some(({ to }) => leadsTo(to, end, seen.add(to)));
  return arrows.filter(({ from, to }) => leadsTo(to, from));
}

/** Unit tests of what lies outside src/. */
const notOfSrc = [
  "contributing.test.ts",
  "l10n.test.ts",
  "manifest.test.ts",
  "olderPythons.test.ts",
  "regularExpressions.test.ts",
  "release.test.ts",
];
const unitTests = readdirSync("test/unit", { recursive: true, encoding: "utf8" }).map((name) =>
  name.split(sep).join("/"),
);
for (const name of unitTests.filter((file) => file.endsWith(".test.ts") && !notOfSrc.includes(file))) {
  const [folder, file] = [dirname(join("src", name)), basename(name, ".test.ts")];
  const subjects = existsSync(folder)
    ? readdirSync(folder).map((entry) => entry.replace(/\.(ts|sh|py)$/, ""))
    : [];
  if (!subjects.some((subject) => file.startsWith(subject)))
    problems.push(`test/unit/${name} tests no file of ${folder}`);
}

if (process.argv.includes("--table")) console.table(rows);
for (const problem of problems) console.error(problem);
const sum = (key) => rows.reduce((total, row) => total + row[key], 0);
console.log(
  `${folders.length} folders, at most ${Math.max(...rows.map(({ files }) => files))} files in one, ` +
    `${sum("arrows")} arrows, ${sum("back up")} back up, ${problems.length} problems`,
);
process.exitCode = problems.length > 0 ? 1 : 0;
