import { afterAll, beforeAll, expect, it } from "vitest";
import { createEnvironments } from "../../../src/environments/environments.js";
import { sessionUrl } from "../../../src/viewer/session.js";
import {
  createTestClient,
  createTestTunnels,
  createTestViewers,
  credentialsOf,
  targetOf,
  type TestClient,
  trusting,
} from "../../support/client.js";
import { processesNaming } from "../../support/processes.js";
import { type HostHome, makeHostHome } from "../../support/runicorn/hostHome.js";
import { type Sshd, startSshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

let host: HostHome;
let server: Sshd;
let client: TestClient;
beforeAll(async () => {
  host = await makeHostHome();
  server = await startSshd({ home: host.home });
  client = await createTestClient();
});
afterAll(async () => {
  await client.dispose();
  await server.stop();
  await host.dispose();
});

it("a viewer whose ssh is killed comes back at the same address, while its connection lives on", async () => {
  const request = { target: targetOf(server), credentials: credentialsOf(server) };
  const connection = await client.connections.connect(request, trusting);
  const tunnels = createTestTunnels(["openssh"], client.home);
  const viewers = createTestViewers(client, 600, tunnels);
  const { environments } = await createEnvironments().list(connection);
  const environment = environments.find(({ name }) => name === "train");
  if (!environment) throw new Error("no environment train");
  const session = await viewers.start(connection, { environment, root: host.root });
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
