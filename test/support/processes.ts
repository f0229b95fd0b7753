import { readdir, readFile } from "node:fs/promises";

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
export async function processesWith(
  file: "environ" | "cmdline",
  accept: (fields: readonly string[]) => boolean,
): Promise<RunningProcess[]> {
  const found: RunningProcess[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const fields = await readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "");
    if (!accept(fields.split("\0"))) continue;
    const commandLine = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    found.push({ pid: Number(pid), commandLine: commandLine.replaceAll("\0", " ").trim() });
  }
  return found;
}

/** What runs there of viewers: the shell of an open connection stays until that is closed. */
export async function viewersIn(home: string): Promise<RunningProcess[]> {
  return (await processesIn(home)).filter(({ commandLine }) => commandLine.includes("runicorn"));
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
