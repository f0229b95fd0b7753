import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { silentLogger } from "../../../src/common/logger.js";
import { createKeptPorts } from "../../../src/tunnel/keptPorts.js";
import { sessionUrl } from "../../../src/viewer/session/session.js";
import { createTestTunnels, createTestViewers } from "../../support/client.js";
import { type ConnectedHost, connectHost } from "../../support/connectedHost.js";

let stage: ConnectedHost;
let folder: string;
beforeAll(async () => {
  stage = await connectHost();
  folder = await mkdtemp(join(tmpdir(), "ports-"));
});
afterAll(async () => {
  await stage.dispose();
  await rm(folder, { recursive: true });
});

it("a viewer of the same root of the same host has the same address each time, others have others", async () => {
  const { client, connection, host, train } = stage;
  const other = join(host.home, "other runs");
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
    for (const root of roots) sessions.push(await viewers.start(connection, { environment: train, root }));
    await viewers.stopAll();
    return sessions.map(sessionUrl);
  };
  const [first] = await addressOf(host.root);
  const [second] = await addressOf(other);
  expect(second).not.toBe(first);
  expect(await addressOf(other, host.root)).toEqual([second, first]);
});
