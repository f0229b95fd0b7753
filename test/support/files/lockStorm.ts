import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { acquireLock } from "../../../src/common/files/lock.js";
import { buildProgram, killPrograms } from "./bundle.js";

export interface StormOptions {
  /** An empty folder. */
  readonly folder: string;
  readonly milliseconds: number;
  readonly processes: number;
  /** Whether holders and others are also stopped for longer than a heartbeat may be missing. */
  readonly stops: boolean;
  readonly hardLinks: boolean;
}

export interface StormResult {
  readonly takes: number;
  readonly kills: number;
  readonly stops: number;
  /** Where two held the lock at once, or one lost it while it lived. */
  readonly faults: readonly string[];
  /** Milliseconds in which we got the lock when all had been killed. */
  readonly lastTake: number;
}

/** Many processes take one lock while they are killed, and others come in their place, at random moments. */
export async function lockStorm(options: StormOptions): Promise<StormResult> {
  const { folder, milliseconds, processes, stops, hardLinks } = options;
  const lock = join(folder, "lock");
  const log = join(folder, "log");
  const start = await buildProgram(folder, "lockTaker.ts");
  const args = [lock, join(folder, "marker"), log, hardLinks ? "yes" : "no"];
  const running: ChildProcess[] = Array.from({ length: processes }, () => start(args));
  await Promise.all(running.map((one) => once(one, "message")));
  const count = { kills: 0, stops: 0 };
  const stopForAWhile = async (one: ChildProcess): Promise<void> => {
    count.stops += 1;
    one.kill("SIGSTOP");
    await delay(700 * Math.random());
    one.kill("SIGCONT");
  };
  const end = Date.now() + milliseconds;
  while (Date.now() < end) {
    await delay(100 * Math.random());
    const at = Math.floor(Math.random() * running.length);
    const one = running[at]!;
    if (stops && Math.random() < 0.4) {
      void stopForAWhile(one);
      continue;
    }
    count.kills += 1;
    one.kill("SIGKILL");
    running[at] = start(args);
  }
  await killPrograms();
  const began = performance.now();
  // On a disk without hard links a file may be left in which its maker wrote nothing yet: it is waited for.
  const times = { heartbeat: 50, staleAge: 300, watch: 100 };
  await (await acquireLock(lock, { patience: 20_000, times })).release();
  const lastTake = performance.now() - began;
  const lines = (await readFile(log, "utf8")).trim().split("\n");
  const faults = lines.filter((line) => !line.startsWith("took "));
  return { ...count, takes: lines.length - faults.length, faults, lastTake };
}
