// npm run watch: builds dist/ and checks all types, again after every change, until Ctrl-C.
// .vscode/tasks.json reads what is printed here: change both together.
import { createInterface } from "node:readline";
import { Worker } from "node:worker_threads";
import { context } from "esbuild";

const tsc = new URL("../node_modules/typescript/lib/tsc.js", import.meta.url);
const typeScriptProjects = [".", "webview-ui"];

/** @param programs what esbuild is to build, each the options of one build. */
export async function watch(programs) {
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => end(0, "Ended."));
  await watchBuilds(programs);
  say("Watching for changes. Ctrl-C ends this.");
  watchTypes();
}

/** Resolves when everything has been built once, with or without errors. */
async function watchBuilds(programs) {
  await new Promise((resolve) => {
    const builds = together(programs, "Building…", (errors, time) => {
      say(errors.length === 0 ? `Built in ${time}.` : `Not built: ${count(errors)}.`);
      resolve();
    });
    for (const program of programs) {
      const reports = {
        name: "reports",
        setup({ onStart, onEnd }) {
          onStart(() => builds.began(program));
          onEnd(({ errors }) => builds.ended(program, errors.map(lineOf)));
        },
      };
      const plugins = [...(program.plugins ?? []), reports];
      void context({ ...program, plugins, logLevel: "silent" }).then((made) => made.watch());
    }
  });
}

/** Runs tsc's own watch mode in threads of this process, so that nothing outlives it. */
function watchTypes() {
  const checks = together(typeScriptProjects, "Checking types…", (errors, time) =>
    say(errors.length === 0 ? `No type errors, in ${time}.` : `Type errors: ${count(errors)}.`),
  );
  for (const project of typeScriptProjects) {
    const argv = ["-p", project, "--watch", "--preserveWatchOutput", "--pretty", "false"];
    const worker = new Worker(tsc, { argv, stdout: true });
    let lines = [];
    createInterface(worker.stdout).on("line", (line) => {
      if (/ - (Starting compilation|File change detected)/.test(line)) {
        lines = [];
        checks.began(project);
      } else if (/ - Found \d+ errors?\. Watching/.test(line)) checks.ended(project, lines);
      else if (line.trim() !== "") lines.push(line);
    });
    worker.on("exit", (code) => end(1, `tsc -p ${project} ended with status ${code}.`));
  }
}

/**
 * Work of several that is told of as one: it begins with the first of them and ends when none works any more, with the
 * errors that each had when it was last done. All of them work from the start.
 */
function together(members, beginning, done) {
  const working = new Set(members);
  const errorsOf = new Map();
  let since = Date.now();
  say(beginning);
  return {
    began(member) {
      if (working.size === 0) {
        since = Date.now();
        say(beginning);
      }
      working.add(member);
    },
    ended(member, lines) {
      errorsOf.set(member, lines);
      working.delete(member);
      if (working.size > 0) return;
      const errors = members.flatMap((one) => errorsOf.get(one));
      for (const line of errors) console.log(line);
      const milliseconds = Date.now() - since;
      done(errors, milliseconds < 1000 ? `${milliseconds} ms` : `${(milliseconds / 1000).toFixed(1)} s`);
    },
  };
}

/** An error of esbuild as tsc would write it. */
function lineOf({ location, text }) {
  return location
    ? `${location.file}(${location.line},${location.column + 1}): error ${text}`
    : `error ${text}`;
}

function count(errors) {
  // An error of tsc may go on in further lines, which are indented.
  const { length } = errors.filter((line) => !line.startsWith(" "));
  return length === 1 ? "1 error" : `${length} errors`;
}

function say(sentence) {
  console.log(`[${new Date().toTimeString().slice(0, 8)}] ${sentence}`);
}

function end(status, sentence) {
  say(sentence);
  process.exit(status);
}
