// Runs every check of the project, one after the other, and ends with the line `N passed, N failed`.
//   npm test                 everything
//   npm test -- unit host    only these steps
import { Buffer } from "node:buffer";
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ensureDependencies, projectFolder } from "./support/dependencies.mjs";
import {
  addSecondTry,
  countTests,
  failedFilesIn,
  failuresIn,
  inFull,
  inOneLine,
  secondTriesIn,
} from "./support/testReports.mjs";

const results = join(projectFolder, ".cache", "results");

/**
 * Begins with the first group, for it waits for the network most of the time, and is waited for before the first step that
 * needs what it installs.
 */
const setUp = { name: "set-up", command: ["node", "test/support/run-ts.mjs", "test/support/setUpNow.ts"] };

/**
 * Groups one after the other; what stands in one group does not disturb each other and runs two at a time. A step counts
 * as one test, unless it leaves a report that tells how many ran.
 */
const groups = [
  [
    { name: "lint", command: ["npm", "run", "--silent", "lint"] },
    { name: "types", command: ["npm", "run", "--silent", "types"] },
    { name: "format", command: ["npm", "run", "--silent", "format:check"] },
    { name: "package", command: ["node", "test/package.mjs"] },
    { name: "arrows", command: ["npm", "run", "--silent", "arrows"] },
    { name: "unused", command: ["npm", "run", "--silent", "unused"] },
  ],
  [{ name: "build", command: ["npm", "run", "--silent", "build"] }],
  [vitest("unit")],
  // Both wait for hosts most of the time.
  [vitest("host"), vitest("faults")],
  // One measures the processor time of activation.
  [inHost("oldest")],
  [inHost("newest")],
  [vitest("workbench", { WINDOWS: "short" })],
];
const steps = [setUp, ...groups.flat()];
const needsSetUp = ["host", "faults", "in-host-oldest", "in-host-newest", "workbench"];
const atOnce = 2;
/** Files of a step that run once more; where more fail, something is broken. */
const mostTriedAgain = 5;
/** Names of the steps that ended well. */
const done = new Set();

function inHost(version) {
  return {
    name: `in-host-${version}`,
    report: join(results, `in-host-${version}.json`),
    count: ({ passed, failed }) => ({ passed: passed.length, failed: failed.length, skipped: 0 }),
    command: ["node", "test/inHost/run.mjs", version],
  };
}

function vitest(project, env = {}) {
  const report = join(results, `${project}.json`);
  const againReport = join(results, `${project}-again.json`);
  const command = (files, to) => [
    ...["npx", "vitest", "run", `--project=${project}`, ...files],
    ...["--reporter=default", "--reporter=json", `--outputFile.json=${to}`],
  ];
  return {
    name: project,
    report,
    count: countTests,
    env,
    // Files in which a test failed run once more, alone and in new processes: a window or a host that a failure left in a strange
    // state fails what comes after it. What passes only then is listed by its name.
    again: (files) => ({
      ...vitest(project, env),
      command: command(files, againReport),
      report: againReport,
    }),
    command: command([], report),
  };
}

/** @param output "inherit", or "pipe" to print it when the step has ended. */
function run({ command, env = {} }, output) {
  return new Promise((resolve) => {
    const child = spawn(command[0], command.slice(1), {
      cwd: projectFolder,
      stdio: ["ignore", output, output],
      shell: process.platform === "win32",
      // What is set up and built once is not set up again by two steps at the same time.
      env: {
        ...process.env,
        ...env,
        ...(done.has("set-up") && done.has("build") ? { HOSTS_ARE_SET_UP: "1" } : {}),
      },
    });
    const printed = [];
    child.stdout?.on("data", (chunk) => printed.push(chunk));
    child.stderr?.on("data", (chunk) => printed.push(chunk));
    const end = (status) => resolve({ status, printed: Buffer.concat(printed) });
    child.once("error", () => end(1));
    child.once("close", (code) => end(code ?? 1));
  });
}

function count({ report, count: read }, status) {
  if (!report)
    return status === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
  try {
    const counted = read(JSON.parse(readFileSync(report, "utf8")));
    const silent = status !== 0 && counted.failed === 0;
    const empty = counted.passed + counted.failed === 0;
    return silent || empty ? { ...counted, failed: counted.failed + 1 } : counted;
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

ensureDependencies();
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !steps.some((step) => step.name === name));
if (unknown.length > 0) {
  console.error(
    `No such step: ${unknown.join(", ")}. There are: ${steps.map(({ name }) => name).join(", ")}`,
  );
  process.exit(2);
}
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });

async function runStep(step, output) {
  const startedAt = Date.now();
  if (output === "inherit") console.log(`\n== ${step.name}`);
  let { status, printed } = await run(step, output);
  if (output === "pipe") {
    console.log(`\n== ${step.name}`);
    process.stdout.write(printed);
  }
  const files = step.again ? failedFilesIn(step.report) : [];
  if (files.length > 0 && files.length <= mostTriedAgain) {
    const again = step.again(files);
    console.log(`\n== ${step.name}, once more: ${files.length} of its files`);
    ({ status, printed } = await run(again, output));
    process.stdout.write(printed);
    addSecondTry(step.report, again.report);
  }
  if (status === 0) done.add(step.name);
  const seconds = Math.round((Date.now() - startedAt) / 1000);
  return { step: step.name, ...count(step, status), seconds };
}

const rows = [];
const isWanted = ({ name }) => wanted.length === 0 || wanted.includes(name);
const settingUp = isWanted(setUp) && runStep(setUp, "pipe").then((row) => rows.push(row));
for (const group of groups) {
  const waiting = group.filter(isWanted);
  if (waiting.some(({ name }) => needsSetUp.includes(name))) await settingUp;
  const output = waiting.length > 1 ? "pipe" : "inherit";
  const work = async () => {
    for (let step = waiting.shift(); step; step = waiting.shift()) rows.push(await runStep(step, output));
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}
await settingUp;

/** Of a step that failed without a failed test, such as the lint or an error outside of all tests: its name. */
function allFailuresOf(step) {
  const named = failuresIn(step);
  const isUnnamed = named.length === 0 && rows.some((row) => row.step === step.name && row.failed > 0);
  return isUnnamed ? [{ title: step.name, messages: ["failed, but no test of it: see its output"] }] : named;
}

const tests = {
  again: steps.filter(isWanted).flatMap(secondTriesIn),
  failed: steps.filter(isWanted).flatMap(allFailuresOf),
};
const tell = (title, lines) => lines.length > 0 && console.log(`\n== ${title}\n${lines.join("\n")}`);
tell("Passed only when tried again", tests.again.map(inFull));
tell("What failed", tests.failed.map(inFull));
console.log("");
console.table(rows);
// Once more, each in one line: where a long log is read from its end.
tell("Passed only when tried again", tests.again.map(inOneLine));
tell("Failed", tests.failed.map(inOneLine));
const sum = (key) => rows.reduce((total, row) => total + row[key], 0);
const skipped = sum("skipped");
console.log(`${sum("passed")} passed, ${sum("failed")} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exitCode = sum("failed") > 0 ? 1 : 0;
