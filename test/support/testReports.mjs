// What the steps of `npm test` leave behind: Vitest's JSON reports, and those of the tests inside VS Code.
import { readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { projectFolder } from "./dependencies.mjs";

/** Empty where a step left none, or ended while it wrote it. */
function readReport(report) {
  try {
    return JSON.parse(readFileSync(report, "utf8"));
  } catch {
    return {};
  }
}

/** A file that fails to load, or whose hook fails, has no failed test, and is a failure all the same. */
const isBroken = ({ status, assertionResults }) =>
  status === "failed" && assertionResults.every((test) => test.status !== "failed");

export function countTests({ testResults }) {
  const count = (...states) =>
    testResults
      .flatMap(({ assertionResults }) => assertionResults)
      .filter(({ status }) => states.includes(status)).length;
  return {
    passed: count("passed"),
    failed: count("failed") + testResults.filter(isBroken).length,
    skipped: count("skipped", "pending", "todo", "disabled"),
  };
}

/** Paths of the files in which something failed. */
export function failedFilesIn(report) {
  const { testResults = [] } = readReport(report);
  return testResults.filter(({ status }) => status === "failed").map(({ name }) => name);
}

/** The tests of a step that failed, each as a title and the messages of its tries. */
export function failuresIn({ name, report }) {
  const { testResults = [], failed = [] } = readReport(report);
  const ofFiles = testResults.flatMap((file) => {
    const tests = file.assertionResults.filter(({ status }) => status === "failed");
    if (isBroken(file)) tests.push({ fullName: "did not load", failureMessages: [file.message] });
    return tests.map((test) => told(name, file, test));
  });
  return [...ofFiles, ...failed.map((title) => ({ title: `${name}: ${title}`, messages: [] }))];
}

/** The same of those that failed first and passed when they were tried again. */
export function secondTriesIn({ name, report }) {
  const { testResults = [] } = readReport(report);
  return testResults.flatMap((file) => {
    const tests = file.assertionResults.filter(
      ({ status, failureMessages }) => status === "passed" && failureMessages?.length > 0,
    );
    if (file.brokenAtFirst !== undefined && file.status !== "failed")
      tests.push({ fullName: "did not load", failureMessages: [file.brokenAtFirst] });
    return tests.map((test) => told(name, file, test));
  });
}

/** Puts what a second run of some files says into the report of the first: what passed in one of them has passed. */
export function addSecondTry(report, againReport) {
  const first = readReport(report);
  const again = new Map((readReport(againReport).testResults ?? []).map((file) => [file.name, file]));
  const testResults = first.testResults.map((file) => {
    const later = again.get(file.name);
    return later && later.assertionResults.length > 0 ? bothTries(file, later) : file;
  });
  writeFileSync(report, JSON.stringify({ ...first, testResults }));
}

function bothTries(file, later) {
  const before = new Map(file.assertionResults.map((test) => [test.fullName, test]));
  const assertionResults = later.assertionResults.map((test) => {
    const { status, failureMessages = [] } = before.get(test.fullName) ?? {};
    const messages = [...failureMessages, ...(test.failureMessages ?? [])];
    return {
      ...test,
      status: status === "passed" ? status : test.status,
      failureMessages: messages,
    };
  });
  const hasFailed = isBroken(later) || assertionResults.some(({ status }) => status === "failed");
  return {
    ...later,
    assertionResults,
    status: hasFailed ? "failed" : "passed",
    ...(isBroken(file) && { brokenAtFirst: file.message }),
  };
}

function told(step, { name: path }, { fullName, failureMessages }) {
  return { title: `${step}: ${relative(projectFolder, path)}: ${fullName}`, messages: failureMessages ?? [] };
}

/** What was wrong in each try: the first lines of the message, and where in the project's own files. */
export function inFull({ title, messages }) {
  const lines = messages.flatMap((message, index) => {
    const [text, ...stack] = message.split("\n");
    const start = stack.findIndex((line) => line.startsWith("    at "));
    const more = stack.slice(0, Math.min(start < 0 ? stack.length : start, 4));
    const places = stack.filter((line) => line.startsWith("    at ") && !line.includes("node_modules"));
    return [`  try ${index + 1}: ${text}`, ...more, ...places.slice(0, 3)];
  });
  return [title, ...lines.map((line) => line.slice(0, 300))].join("\n");
}

/** Of the last try: what was wrong, what it waited for, and where in the project's own files. */
export function inOneLine({ title, messages }) {
  const [text = "failed", ...more] = messages.at(-1)?.split("\n") ?? [];
  const waitedFor = more.find((line) => line.includes("waiting for"))?.trim() ?? "";
  const place = more.find((line) => line.startsWith("    at ") && line.includes(join(projectFolder, "test")));
  const at = place?.match(/[\w./-]+:\d+:\d+/)?.[0] ?? "";
  return [`${title}: ${text.slice(0, 200)}`, waitedFor.slice(0, 200), at && relative(projectFolder, at)]
    .filter(Boolean)
    .join(" · ");
}
