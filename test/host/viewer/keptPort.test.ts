import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import { silentLogger } from "../../../src/common/logger.js";
import { createKeptPorts } from "../../../src/tunnel/keptPorts.js";
import { sessionUrl } from "../../../src/viewer/session/session.js";
import { createTestTunnels, createTestViewers } from "../../support/client.js";
import { it } from "../../support/hostTest.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ports-"));
});
afterAll(() => rm(folder, { recursive: true }));

it("a viewer of the same root of the same host has the same address each time, others have others", async ({
  client,
  train,
  trainConnection,
  trainHome,
}) => {
  const other = join(trainHome.home, "other runs");
  await mkdir(other);
  /** In a program of its own, as far as the ports are concerned. */
  const addressOf = async (...roots: string[]): Promise<(string | undefined)[]> => {
    const keptPorts = createKeptPorts(join(folder, "localPorts.json"), silentLogger);
    const viewers = createTestViewers(
      client,
      600,
      createTestTunnels(["in-process"], client.home, {}, keptPorts),
    );
    const sessions = [];
    for (const root of roots)
      sessions.push(await viewers.start(trainConnection, { environment: train, root }));
    await viewers.stopAll();
    return sessions.map(sessionUrl);
  };
  const [first] = await addressOf(trainHome.root);
  const [second] = await addressOf(other);
  expect(second).not.toBe(first);
  expect(await addressOf(other, trainHome.root)).toEqual([second, first]);
});
