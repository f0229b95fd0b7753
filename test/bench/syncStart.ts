// What it takes to start on a copy that is there already: processor time and memory of a program that connects, reads what
// is known of the files, looks at each of the copy and passes once:
//   npm run bench:sync-start
import { spawn } from "node:child_process";
import { on, once } from "node:events";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { bundleProgram } from "../support/bundleProgram.js";
import { makeOldRuns } from "../support/oldRuns.js";
import { type Sshd, startSshd } from "../support/sshd.js";

const repetitions = Number(process.env["BENCH_REPETITIONS"] ?? 5);
const files = Number(process.env["BENCH_FILES"] ?? 20_000);
const filesOfRun = 10;
const ticksPerSecond = 100;

/** One start, up to the end of its first pass. */
interface Start {
  /** Of the processor, in the program itself and in its calls of the system. */
  readonly seconds: number;
  /** MiB (RSS), at most. */
  readonly memory: number;
}

const folder = await mkdtemp(join(tmpdir(), "start-"));
const sshd = await startSshd();
const program = await bundleProgram("test/support/syncProcess.ts");
const load: (number | undefined)[] = [loadavg()[0]];
const [few, many] = [await placeWith("few", 0), await placeWith("many", files)];
const first = await start(sshd, many);
await start(sshd, few);
const [empty, known]: [Start[], Start[]] = [[], []];
for (let turn = 0; turn < repetitions; turn += 1) {
  empty.push(await start(sshd, few));
  known.push(await start(sshd, many));
}
load.push(loadavg()[0]);
await program.remove();
await sshd.stop();
await rm(folder, { recursive: true, force: true });

console.log(`\n${repetitions} repetitions, load ${load.map((one) => one?.toFixed(1)).join(" to ")}`);
console.table([
  row("a start on a copy without files", empty),
  row(`a start on a copy of ${files} files`, known),
  row("the first copy of them", [first]),
]);

interface Place {
  readonly root: string;
  readonly dataFolder: string;
}

async function placeWith(name: string, count: number): Promise<Place> {
  const place = { root: join(folder, name), dataFolder: join(folder, `${name}-data`) };
  await Promise.all([mkdir(join(place.root, "runs"), { recursive: true }), mkdir(place.dataFolder)]);
  makeOldRuns(place.root, count / filesOfRun, filesOfRun);
  return place;
}

async function start({ port, identityFile }: Sshd, { root, dataFolder }: Place): Promise<Start> {
  const words = [program.file, String(port), identityFile, root, dataFolder];
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  let said = "";
  for await (const [chunk] of on(child.stdout, "data")) {
    said += String(chunk);
    if (/^passed$/m.test(said)) break;
  }
  const [stat, status] = await Promise.all([of(child.pid, "stat"), of(child.pid, "status")]);
  child.kill();
  await exited;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return {
    seconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    memory: Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024,
  };
}

function of(pid: number | undefined, what: string): Promise<string> {
  return readFile(`/proc/${pid ?? 0}/${what}`, "utf8");
}

function row(what: string, starts: readonly Start[]): Record<string, string | number> {
  const seconds = starts.map((one) => one.seconds).sort((a, b) => a - b);
  const middle = seconds[Math.floor(seconds.length / 2)] ?? Number.NaN;
  return {
    what,
    "processor s, median": middle,
    "least and most": `${seconds[0] ?? ""} to ${seconds.at(-1) ?? ""}`,
    "memory MiB, most": Math.round(Math.max(...starts.map(({ memory }) => memory))),
  };
}
