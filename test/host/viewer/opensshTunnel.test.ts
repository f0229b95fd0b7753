import { afterAll, beforeAll, expect, it } from "vitest";
import { sessionUrl } from "../../../src/viewer/session.js";
import { createTestTunnels, createTestViewers } from "../../support/client.js";
import { type ConnectedHost, connectHost } from "../../support/connectedHost.js";
import { processesNaming } from "../../support/processes.js";
import { until } from "../../support/until.js";

let stage: ConnectedHost;
beforeAll(async () => {
  stage = await connectHost();
});
afterAll(() => stage.dispose());

it("a viewer whose ssh is killed comes back at the same address, while its connection lives on", async () => {
  const { client, connection, host, train } = stage;
  const tunnels = createTestTunnels(["openssh"], client.home);
  const viewers = createTestViewers(client, 600, tunnels);
  const session = await viewers.start(connection, { environment: train, root: host.root });
  const health = new URL("/api/health", sessionUrl(session));
  const ask = async (): Promise<number> => (await fetch(health, { headers: { connection: "close" } })).status;
  expect(await ask()).toBe(200);
  const [ssh] = await processesNaming(`/runicorn-${process.pid}-`);
  process.kill(ssh?.pid ?? 0, "SIGKILL");
  await until("the loss is noticed", () => viewers.get(session.id)?.state.kind === "reconnecting");
  await until("it is back", () => viewers.get(session.id)?.state.kind === "running");
  expect(sessionUrl(viewers.get(session.id) ?? session)).toBe(sessionUrl(session));
  expect(await ask()).toBe(200);
  expect(connection.state).toBe("open");
  await viewers.stopAll();
  expect(await processesNaming(`/runicorn-${process.pid}-`)).toEqual([]);
});
