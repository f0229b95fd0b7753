import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { silentLogger } from "../../../src/common/logger.js";
import { createKeptPorts, type KeptPorts } from "../../../src/tunnel/keptPorts.js";

let folder: string;
let file: string;
const none = () => Promise.resolve(undefined);
const open = (range: Parameters<typeof createKeptPorts>[2] = none): KeptPorts =>
  createKeptPorts(file, silentLogger, range);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ports-"));
  file = join(folder, "data", "localPorts.json");
});
afterEach(() => rm(folder, { recursive: true }));

it("a place keeps its port, and no other place gets it", async () => {
  const [port = 0, next = 0] = await open().candidates("a");
  expect(port).toBeGreaterThanOrEqual(24_000);
  expect(port).toBeLessThan(30_000);
  expect(await open().of("a")).toEqual([]);
  expect(await open().give(port, "a")).toBe(true);
  expect(await open().give(port, "a")).toBe(true);
  expect(await open().give(port, "b")).toBe(false);
  expect(await open().of("a")).toEqual([port]);
  expect(await open().of("b")).toEqual([]);
  expect(await open().candidates("b")).not.toContain(port);
  // Another one, when the first is taken.
  expect((await open().candidates("a"))[0]).toBe(next);
  expect(await open().give(next, "a")).toBe(true);
  expect(await open().of("a")).toEqual([port, next]);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

it("concurrent processes assign each port once", async () => {
  const [port = 0] = await open().candidates("a");
  const places = Array.from({ length: 8 }, (_, index) => `place ${index}`);
  const given = await Promise.all(places.map((place) => open().give(port, place)));
  expect(given.filter(Boolean)).toHaveLength(1);
});

it("two places hardly ever begin at the same port, and one always at its own", async () => {
  const places = Array.from({ length: 50 }, (_, index) => `user@host${index}:22 /runs`);
  const starts = await Promise.all(places.map(async (place) => (await open().candidates(place))[0]));
  expect(new Set(starts).size).toBeGreaterThan(45);
  expect(await Promise.all(places.map(async (place) => (await open().candidates(place))[0]))).toEqual(starts);
});

it("ephemeral ports are skipped", async () => {
  const kept = open(() => Promise.resolve({ first: 24_000, last: 29_997 }));
  expect([...(await kept.candidates("a"))].sort()).toEqual([29_998, 29_999]);
});

it("a damaged file is written anew", async () => {
  await open().give(24_001, "a");
  await writeFile(file, "{");
  expect(await open().of("a")).toEqual([]);
  expect(await open().give(24_002, "a")).toBe(true);
  expect(JSON.parse(await readFile(file, "utf8"))).toEqual([{ place: "a", port: 24_002 }]);
});
