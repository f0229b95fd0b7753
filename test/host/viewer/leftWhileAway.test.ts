import { expect } from "vitest";
import type { TestApi } from "../../support/api.js";
import { credentialsOf, targetOf, trusting } from "../../support/client.js";
import { it } from "../../support/hostTest.js";
import { viewersIn } from "../../support/processes.js";
import type { HostHome } from "../../support/runicorn/hostHome.js";
import type { Sshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

let host: HostHome;
let server: Sshd;
let api: TestApi;
it.beforeAll(({ trainHome, trainServer, strangerApi }) => {
  [host, server, api] = [trainHome, trainServer, strangerApi];
});

it("a viewer that is left while its host is away runs on, and is found again", async () => {
  const { connections, environments, viewers, leaveRunning } = api.app;
  const connect = () =>
    connections.connect({ target: targetOf(server), credentials: credentialsOf(server) }, trusting);
  const connection = await connect();
  const found = await environments.list(connection);
  const environment = found.environments.find(({ runicornVersion }) => runicornVersion !== undefined);
  if (!environment) throw new Error("there is no Runicorn");
  const session = await viewers.start(connection, { environment, root: host.root });
  await server.halt();
  await until("it waits for its host", () => viewers.get(session.id)?.state.kind === "reconnecting");
  await leaveRunning(connection.id);
  expect(viewers.get(session.id)).toBeUndefined();
  await server.resume();
  await viewers.adopt(await connect());
  await until("it is there again", () => viewers.get(session.id)?.state.kind === "running");
  expect(await viewersIn(host.home)).not.toEqual([]);
  await viewers.stopAll();
});
