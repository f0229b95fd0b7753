import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { link, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Cancelled } from "../../../../src/common/failure.js";
import { acquireLock, type Lock, LockBusy, LockLost } from "../../../../src/common/files/lock.js";
import type { LockRecord } from "../../../../src/common/files/lockFile.js";
import { thisProcess } from "../../../../src/common/files/lockHolder.js";
import { buildProgram, killPrograms } from "../../../support/files/bundle.js";
import { lockStorm } from "../../../support/files/lockStorm.js";

/** Where a process stops, dies and is born again with another's number, and its start can be asked for. */
const isLinux = process.platform === "linux";
const quick = { heartbeat: 40, staleAge: 400, watch: 120 };
const token = (digit: string): string => digit.repeat(24);

let programs: string;
let startHolder: (args: readonly string[]) => ChildProcess;
beforeAll(async () => {
  programs = await mkdtemp(join(tmpdir(), "lock-programs-"));
  startHolder = await buildProgram(programs, "lockHolder.ts");
  return () => rm(programs, { recursive: true });
});

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lock-"));
  path = join(folder, "lock");
});
afterEach(async () => {
  await killPrograms();
  await rm(folder, { recursive: true });
});

/** A lock's file of somebody else, last touched so many milliseconds ago. */
async function leave(file: string, record: Partial<LockRecord>, age = 0): Promise<void> {
  await writeFile(file, JSON.stringify({ ...(await thisProcess()), token: token("a"), ...record }));
  const at = (Date.now() - age) / 1_000;
  await utimes(file, at, at);
}

/** Another process that holds the lock, and its token. */
async function holder(): Promise<{ readonly process: ChildProcess; readonly token: string }> {
  const process = startHolder([path, ...Object.values(quick).map(String)]);
  const [said] = (await once(process, "message")) as [string];
  return { process, token: said };
}

/** How many milliseconds it takes to get it; undefined when that is not within `patience`. */
async function take(patience: number): Promise<number | undefined> {
  const began = performance.now();
  try {
    await (await acquireLock(path, { patience, times: quick })).release();
    return performance.now() - began;
  } catch (error) {
    if (error instanceof LockBusy) return undefined;
    throw error;
  }
}

describe("a lock", () => {
  it("is held by one at a time, and leaves nothing behind", async () => {
    const first = await acquireLock(path);
    expect(await first.stillHeld()).toBe(true);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await expect(acquireLock(path, { patience: 50 })).rejects.toThrow(`${path} is held by another program`);
    const waiting = acquireLock(path);
    await first.release();
    const second = await waiting;
    expect(await first.stillHeld()).toBe(false);
    await first.release();
    expect(await second.stillHeld()).toBe(true);
    expect(second.token).toMatch(/^[0-9a-f]{24}$/);
    expect(second.token).not.toBe(first.token);
    expect(second.predecessors).toEqual([]);
    await second.release();
    expect(await readdir(folder)).toEqual([]);
  });

  it("is not waited for any longer once the signal is aborted", async () => {
    const first = await acquireLock(path);
    const stop = new AbortController();
    const waiting = acquireLock(path, { signal: stop.signal });
    stop.abort();
    await expect(waiting).rejects.toThrow(Cancelled);
    await expect(acquireLock(path, { signal: stop.signal })).rejects.toThrow(Cancelled);
    await first.release();
  });

  it("fails where its folder is missing", async () => {
    await expect(acquireLock(join(folder, "missing", "lock"))).rejects.toThrow("ENOENT");
  });

  it("works on a disk without hard links", async () => {
    const makeLink = (): Promise<void> => Promise.reject(new Error("EPERM"));
    const first = await acquireLock(path, { makeLink });
    await expect(acquireLock(path, { makeLink, patience: 50 })).rejects.toThrow(LockBusy);
    await first.release();
    expect(await readdir(folder)).toEqual([]);
  });

  it("is acquired even if the disk wrongly reports a failure", async () => {
    const makeLink = async (existing: string, to: string): Promise<void> => {
      await writeFile(to, await readFile(existing));
      throw Object.assign(new Error("said too late"), { code: "EEXIST" });
    };
    const lock = await acquireLock(path, { makeLink, patience: 1_000 });
    expect(await lock.stillHeld()).toBe(true);
    await lock.release();
    await leave(path, { pid: 2 ** 22 + 1 });
    const taken = await acquireLock(path, { makeLink, patience: 1_000 });
    expect(await taken.stillHeld()).toBe(true);
    await taken.release();
    expect(await readdir(folder)).toEqual([]);
  });
});

describe.skipIf(!isLinux)("the lock of a process of this machine (Linux)", () => {
  it("is taken at once when that was killed, and its token is known", async () => {
    const dead = await holder();
    dead.process.kill("SIGKILL");
    await once(dead.process, "exit");
    const lock = await acquireLock(path, { patience: 1_000 });
    expect(lock.predecessors).toEqual([dead.token]);
    expect(lock.presumedDead).toEqual([]);
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
  });

  it("is never taken while it lives, also when it is stopped for longer than it may give no sign of life", async () => {
    const stopped = await holder();
    stopped.process.kill("SIGSTOP");
    await utimes(path, 1, 1);
    expect(await take(4 * quick.staleAge)).toBeUndefined();
    stopped.process.kill("SIGCONT");
    stopped.process.send("let go");
    expect((await once(stopped.process, "message"))[0]).toBe("true");
    await once(stopped.process, "exit");
    expect(await take(0)).toBeDefined();
  });

  it("is taken over at once when its pid was reused", async () => {
    await leave(path, { started: "1" });
    expect(await take(0)).toBeDefined();
  });

  it("is taken over at once after a reboot", async () => {
    const { machine } = await thisProcess();
    await leave(path, { boot: "another" });
    if (machine === "") expect(await take(100)).toBeUndefined();
    else expect(await take(0)).toBeDefined();
  });

  it("is taken over at once from a zombie", async () => {
    const parent = spawn("sh", ["-c", "sleep 0.2 & echo $!; exec sleep 60"]);
    try {
      const [pid] = (await once(parent.stdout, "data")) as [Buffer];
      const status = (): Promise<string> => readFile(`/proc/${Number(pid)}/stat`, "utf8");
      while (!/\) Z/.test(await status()));
      const started = (await status()).split(") ")[1]?.split(" ")[19];
      await leave(path, { pid: Number(pid), started });
      expect(await take(0)).toBeDefined();
    } finally {
      parent.kill();
    }
  });

  it("is taken after a claimant that died, and all that lies about goes", async () => {
    const pid = 2 ** 22 + 1;
    await leave(path, { pid, token: token("a") });
    await leave(`${path}.${token("a")}`, { pid, token: token("b") });
    // What was killed earlier left these; the last is new, and may be about to be used.
    const litter = [
      `${path}.${token("c")}`,
      `${path}.${token("d")}.new`,
      `${path}.${token("a")}.${token("d")}.new`,
    ];
    for (const file of litter) await leave(file, { pid }, 120_000);
    await leave(`${path}.${token("e")}.new`, { pid });
    await writeFile(join(folder, "lock.of somebody else"), "");
    const lock = await acquireLock(path, { patience: 0 });
    expect(lock.predecessors).toEqual([token("a"), token("b")]);
    const left = ["lock", `lock.${token("e")}.new`, "lock.of somebody else"];
    expect((await readdir(folder)).sort()).toEqual(left.sort());
    await lock.release();
  });

  it.each(["still has it", "has let go of it", "has let go of it and another one has it"])(
    "is not taken by a claimant that comes when the next one %s",
    async (end) => {
      await leave(path, { pid: 2 ** 22 + 1 });
      let next: Lock | undefined;
      const makeLink = async (existing: string, to: string): Promise<void> => {
        if (!next) {
          next = await acquireLock(path, { patience: 0 });
          if (end !== "still has it") await next.release();
          if (end.endsWith("another one has it")) next = await acquireLock(path, { patience: 0 });
        }
        await link(existing, to);
      };
      const late = acquireLock(path, { makeLink, patience: end === "has let go of it" ? 20_000 : 50 });
      if (end === "has let go of it") {
        await (await late).release();
        expect(await readdir(folder)).toEqual([]);
        return;
      }
      await expect(late).rejects.toThrow(LockBusy);
      expect(await next?.stillHeld()).toBe(true);
      expect(await readdir(folder)).toEqual(["lock"]);
      await next?.release();
    },
  );

  it("is not taken from a claimant that lives", async () => {
    await leave(path, { pid: 2 ** 22 + 1 });
    await leave(`${path}.${token("a")}`, { token: token("b") });
    await utimes(`${path}.${token("a")}`, 1, 1);
    expect(await take(2 * quick.staleAge)).toBeUndefined();
  });

  it("ends when claims form a loop", async () => {
    await leave(path, { pid: 2 ** 22 + 1 });
    await leave(`${path}.${token("a")}`, { pid: 2 ** 22 + 1 });
    await expect(acquireLock(path)).rejects.toThrow("leads to itself");
  });

  it("is taken when the process with its number began after its last sign of life, where that is all one can tell", async () => {
    const young = spawn("sleep", ["60"]);
    try {
      await leave(path, { pid: young.pid, started: "" }, 60_000);
      expect(await take(20_000)).toBeGreaterThan(quick.watch);
      await leave(path, { pid: young.pid, started: "" }, quick.staleAge);
      expect(await take(3 * quick.staleAge)).toBeUndefined();
    } finally {
      young.kill();
    }
  });
});

describe("the lock of a process of another machine", () => {
  it("is taken when there was no sign of life for long", async () => {
    await leave(path, { host: "another", boot: "another" }, 10 * quick.staleAge);
    expect(await take(20_000)).toBeGreaterThan(quick.watch);
    expect(await readdir(folder)).toEqual([]);
  });

  it("is taken over with a report that its holder may still live", async () => {
    await leave(path, { host: "another", boot: "another" }, 10 * quick.staleAge);
    const lock = await acquireLock(path, { times: quick });
    expect(lock.presumedDead).toEqual([token("a")]);
    await lock.release();
  });
});

describe("an unreadable lock file", () => {
  it.each([
    "",
    "somebody who was killed",
    '{"token":"../../x","pid":1}',
    '{"token":"aaaaaaaaaaaaaaaaaaaaaaaa","pid":-1}',
  ])("is waited for like the lock of another machine: %j", async (text) => {
    await writeFile(path, text);
    expect(await take(quick.watch / 2)).toBeUndefined();
    await utimes(path, 1, 1);
    expect(await take(20_000)).toBeGreaterThan(quick.watch);
    expect(existsSync(path)).toBe(false);
  });
});

describe("a holder", () => {
  it("gives signs of life, and hears when it lost the lock", async () => {
    const lock = await acquireLock(path, { times: quick });
    await utimes(path, 1, 1);
    const began = Date.now();
    while ((await stat(path)).mtimeMs < began - 1_000);
    expect(await lock.stillHeld()).toBe(true);
    await lock.assertHeld();
    await leave(path, {});
    expect(await lock.stillHeld()).toBe(false);
    await expect(lock.assertHeld()).rejects.toThrow(LockLost);
    await lock.release();
    expect(await readdir(folder)).toEqual(["lock"]);
  });
});

describe.skipIf(!isLinux)("eight processes that want one lock (Linux)", () => {
  it.each([
    ["killed and stopped", { stops: true, hardLinks: true }],
    ["killed, on a disk without hard links", { stops: false, hardLinks: false }],
  ])("never hold it at once and are never stuck, %s at random moments", async (_, how) => {
    const result = await lockStorm({ folder, milliseconds: 2_000, processes: 8, ...how });
    expect(result.faults).toEqual([]);
    expect(result.kills).toBeGreaterThan(0);
    expect(result.takes).toBeGreaterThan(0);
  });
});
