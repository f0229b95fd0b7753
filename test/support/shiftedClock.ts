import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { findProgram } from "./packages.js";

/** The wall clock of some programs, which a test moves while they run. The machine's own clock stays. */
export interface ShiftedClock {
  /** Environment of the programs that are to have it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Seconds that it is fast, from now on. */
  shift(seconds: number): void;
  /** Whether this process has it. */
  isSeenBy(pid: number): Promise<boolean>;
  dispose(): Promise<void>;
}

/** Whether it can be made here: it is a small library. */
export function canShiftClocks(): boolean {
  return findProgram("cc") !== undefined;
}

export async function makeShiftedClock(): Promise<ShiftedClock> {
  const folder = await mkdtemp(join(tmpdir(), "clock-"));
  const [library, file] = [join(folder, "shiftedClock.so"), join(folder, "shift")];
  const source = resolve("test", "support", "shiftedClock.c");
  execFileSync("cc", ["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-o", library, source, "-ldl"]);
  const bytes = (seconds: number): Buffer => {
    const made = Buffer.alloc(8);
    made.writeBigInt64LE(BigInt(seconds));
    return made;
  };
  await writeFile(file, bytes(0));
  return {
    environment: { LD_PRELOAD: library, CLOCK_SHIFT: file },
    // In place, for the programs have it mapped.
    shift: (seconds) => writeFileSync(file, bytes(seconds), { flag: "r+" }),
    isSeenBy: async (pid) => (await readFile(`/proc/${pid}/maps`, "utf8")).includes(file),
    dispose: () => rm(folder, { recursive: true }),
  };
}
