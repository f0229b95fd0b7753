import { readdir, readFile } from "node:fs/promises";

/** A process of this machine. */
export interface RunningProcess {
  readonly pid: number;
  readonly commandLine: string;
}

/** The processes whose home folder is this one: all that a rig's host runs. Linux only. */
export async function processesIn(home: string): Promise<RunningProcess[]> {
  const found: RunningProcess[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
    if (!environment.split("\0").includes(`HOME=${home}`)) continue;
    const commandLine = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    found.push({ pid: Number(pid), commandLine: commandLine.replaceAll("\0", " ").trim() });
  }
  return found;
}
