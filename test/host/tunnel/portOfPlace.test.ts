import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { silentLogger } from "../../../src/common/logger.js";
import { createKeptPorts } from "../../../src/tunnel/keptPorts.js";
import { type LocalPort, openLocalPort } from "../../../src/tunnel/localPort.js";
import { openPortOf } from "../../../src/tunnel/portOfPlace.js";
import { testPages } from "../../support/client.js";
import { guardKey } from "../../support/guardedPort.js";

let folder: string;
let file: string;
let moves: [number, number][];
let opened: LocalPort[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ports-"));
  file = join(folder, "localPorts.json");
  moves = [];
  opened = [];
});
afterEach(async () => {
  await Promise.all(opened.map((port) => port.close()));
  await rm(folder, { recursive: true });
});

async function open(place: string, keptIn = file): Promise<LocalPort> {
  const guard = { key: guardKey, pages: testPages, openToPrograms: false };
  const port = await openPortOf(place, (wanted) => openLocalPort(wanted, guard), {
    keptPorts: createKeptPorts(keptIn, silentLogger),
    onMoved: (before, now) => moves.push([before, now]),
    logger: silentLogger,
  });
  opened.push(port);
  return port;
}

it("a place comes back at its port, also in the next program, and no other place gets it meanwhile", async () => {
  const first = await open("user@gpu:22 /runs");
  await first.close();
  const other = await open("user@gpu:22 /other");
  expect(other.port).not.toBe(first.port);
  expect((await open("user@gpu:22 /runs")).port).toBe(first.port);
  expect(moves).toEqual([]);
});

it("a port that is in use is said once: the place keeps the other one too", async () => {
  const { port, close } = await open("a");
  await close();
  const taker = createServer().listen(port, "127.0.0.1");
  await once(taker, "listening");
  const second = await open("a");
  expect(moves).toEqual([[port, second.port]]);
  await second.close();
  expect((await open("a")).port).toBe(second.port);
  taker.close();
  await once(taker, "close");
  expect((await open("a")).port).toBe(port);
  expect((await open("b")).port).not.toBe(second.port);
  expect(moves).toHaveLength(1);
});

it("a viewer is shown even if the file cannot be written", async () => {
  await writeFile(file, "[]");
  expect((await open("a", join(file, "in a file"))).port).toBeGreaterThan(0);
});
