import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { FoundLock, LockRecord } from "../../../../src/common/files/lockFile.js";
import { type LockHolder, thisProcess } from "../../../../src/common/files/lockHolder.js";
import { createJudge, type Judge, usualTimes } from "../../../../src/common/files/lockJudge.js";

const second = 1_000;
let folder: string;
let self: LockRecord;
let judge: Judge;
/** What our own clock says, which stands while a machine sleeps. */
let clock: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lock-judge-"));
  self = { token: "1".repeat(24), ...(await thisProcess()) };
  judge = createJudge(join(folder, "lock"), self, usualTimes);
  clock = 0;
  vi.spyOn(performance, "now").mockImplementation(() => clock);
});
afterEach(async () => {
  vi.restoreAllMocks();
  expect(await readdir(folder)).toEqual([]);
  await rm(folder, { recursive: true });
});

/** Looks four times a second. @returns seconds until it says that the holder is dead. */
async function secondsUntilDead(
  limit: number,
  look: (seconds: number) => FoundLock,
): Promise<number | undefined> {
  for (let seconds = 0; seconds <= limit; seconds += 0.25) {
    clock = seconds * second;
    if (await judge(look(seconds))) return seconds;
  }
  return undefined;
}

describe.each<[string, Partial<LockHolder> | undefined]>([
  ["of another machine", { host: "another", machine: "another", boot: "another" }],
  ["of another machine with the same name", { machine: "another", boot: "another" }],
  ["of a machine with the same name that says nothing else", { machine: "", boot: "" }],
  ["of another container on this machine", { pids: "pid:[1]" }],
  ["that is not named", undefined],
])("a holder %s", (_, where) => {
  const sign = (changedAt: number): FoundLock => ({
    token: "2".repeat(24),
    holder: where && { ...self, pid: 2 ** 22 + 1, ...where },
    changedAt,
  });

  it("lives as long as it gives signs of life, whatever its clock says", async () => {
    expect(await secondsUntilDead(120, (at) => sign(Math.floor(at / 2)))).toBeUndefined();
    const future = Date.now() + 3_600 * second;
    expect(await secondsUntilDead(120, (at) => sign(future + Math.floor(at / 2)))).toBeUndefined();
  });

  it("is dead when it gave none for long before, and none while we looked", async () => {
    const before = Date.now() - 31 * second;
    expect(await secondsUntilDead(60, () => sign(before))).toBe(usualTimes.watch / second);
  });

  it("is dead when we saw none for long, also where the clock was set back", async () => {
    const future = Date.now() + 3_600 * second;
    expect(await secondsUntilDead(60, () => sign(future))).toBeCloseTo(31.5);
  });

  it("is not dead because this machine slept", async () => {
    const before = Date.now() - 3_600 * second;
    expect(await judge(sign(before))).toBe(false);
    clock = 3_600 * second;
    expect(await judge(sign(before))).toBe(false);
  });
});

describe("a holder of this machine", () => {
  const sign = (holder: LockHolder): FoundLock => ({ token: "2".repeat(24), holder, changedAt: 0 });

  it("lives for as long as its process does, without any sign", async () => {
    expect(await secondsUntilDead(120, () => sign(self))).toBeUndefined();
  });

  it("is dead at once when there is no such process", async () => {
    expect(await judge(sign({ ...self, pid: 2 ** 22 + 1 }))).toBe(true);
  });

  it.each([
    ["lives while the process with its number is older than its last sign of life", 3_600, undefined],
    ["lives while nothing tells how old the process with its number is", undefined, undefined],
    ["is dead when the process with its number began after its last sign of life", 10, 4.5],
  ])("%s", async (_, age, expected) => {
    const ageOfProcess = (): Promise<number | undefined> => Promise.resolve(age && age * second);
    judge = createJudge(join(folder, "lock"), self, usualTimes, ageOfProcess);
    const found = { ...sign({ ...self, started: "" }), changedAt: Date.now() - 31 * second };
    expect(await secondsUntilDead(60, () => found)).toBe(expected);
  });
});
