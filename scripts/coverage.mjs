// npm run coverage [-- unit host]: runs these tests (both unless said), and names the ten files that they leave out most.
// What runs in a window (src/vscode, src/extension.ts), or only in a terminal program of its own (src/headless), is not named.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const project = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const folder = join(project, "coverage");
/** Fewer lines than these say little as a share. */
const fewLines = 10;
const named = 10;

const projects = process.argv.length > 2 ? process.argv.slice(2) : ["unit", "host"];
const { status } = spawnSync(
  process.execPath,
  [
    join(project, "node_modules", "vitest", "vitest.mjs"),
    "run",
    ...projects.map((name) => `--project=${name}`),
    "--reporter=dot",
    "--coverage",
    "--coverage.include=src/**/*.ts",
    "--coverage.reportOnFailure",
    "--coverage.reporter=json-summary",
    "--coverage.reporter=html",
    `--coverage.reportsDirectory=${folder}`,
  ],
  { cwd: project, stdio: "inherit" },
);

const { total, ...files } = JSON.parse(readFileSync(join(folder, "coverage-summary.json"), "utf8"));
const inWindows = /^src\/(vscode\/|extension\.ts$)/;
const inTerminals = /^src\/headless(\/|\.ts$)/;
const isSeen = ({ file, covered }) => !inWindows.test(file) && (covered > 0 || !inTerminals.test(file));
const rows = Object.entries(files)
  .map(([path, { lines, branches }]) => ({
    file: relative(project, path).replaceAll("\\", "/"),
    covered: lines.covered,
    lines: lines.total,
    "not run": lines.total - lines.covered,
    "% of lines": lines.pct,
    "% of branches": branches.pct,
  }))
  .filter((row) => isSeen(row) && row.lines >= fewLines)
  .sort((one, other) => one["% of lines"] - other["% of lines"] || other["not run"] - one["not run"]);
console.log(`\nThe ${named} files that ${projects.join(" and ")} tests leave out most:`);
console.table(rows.slice(0, named));
console.log(
  `All of src: ${total.lines.pct} % of lines, ${total.branches.pct} % of branches. coverage/index.html has the rest.`,
);
process.exitCode = status ?? 1;
