import { readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { until } from "./until.js";

/** A process of this machine. */
export interface RunningProcess {
  readonly pid: number;
  readonly commandLine: string;
}

/** The processes whose home folder is this one: all that a rig's host runs. Linux only. */
export function processesIn(home: string): Promise<RunningProcess[]> {
  return processesWith("environ", (variables) => variables.includes(`HOME=${home}`));
}

/** The processes that have this text in an argument. Linux only. */
export function processesNaming(text: string): Promise<RunningProcess[]> {
  return processesWith("cmdline", (words) => words.some((word) => word.includes(text)));
}

/** The processes of which one of these fields is like that. Linux only. */
export function processesWith(
  file: "environ" | "cmdline",
  accept: (fields: readonly string[]) => boolean,
): Promise<RunningProcess[]> {
  const found: RunningProcess[] = [];
  // Tests look often, and a look through promises takes four times the processor time.
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    if (!accept(textOf(pid, file).split("\0"))) continue;
    const commandLine = textOf(pid, "cmdline").replaceAll("\0", " ").trim();
    found.push({ pid: Number(pid), commandLine });
  }
  return Promise.resolve(found);
}

/** Empty where it has ended meanwhile, or is another account's. */
function textOf(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}

/** What runs there of viewers: the shell of an open connection stays until that is closed. */
export async function viewersIn(home: string): Promise<RunningProcess[]> {
  return (await processesIn(home)).filter(({ commandLine }) => commandLine.includes("runicorn"));
}

/** The viewers themselves, without what holds them. */
export async function viewerPidsIn(home: string): Promise<number[]> {
  const viewers = (await processesIn(home)).filter(({ commandLine }) =>
    commandLine.includes("-m runicorn viewer"),
  );
  return viewers.map(({ pid }) => pid);
}

/** Sends a signal that nothing survives; what has ended by itself meanwhile is fine. Resolves when it has ended. Linux only. */
export async function kill(pid: number): Promise<void> {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
  // A busy machine lets it live for a moment. What nobody has waited for yet has no command line any more.
  await until(
    `${pid} has ended`,
    async () => (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")) === "",
  );
}

/** Milliseconds of processor time that a process has taken, without its children. Linux only. */
export async function processorTime(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const [user, system] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13);
  return (Number(user) + Number(system)) * (1000 / ticksPerSecond);
}

/** What Linux counts processor time in, on every machine that it is compiled for today. */
const ticksPerSecond = 100;
