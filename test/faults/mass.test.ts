import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ViewerSession } from "../../src/viewer/session/session.js";
import type { Viewers } from "../../src/viewer/viewers.js";
import { createTestClient, createTestViewers, type TestClient } from "../support/client.js";
import { environmentNamed } from "../support/connectedHost.js";
import { type FaultyLink, openFaultyLink } from "../support/faultyLink.js";
import { processesIn } from "../support/processes.js";
import { type HostHome, makeHostHome } from "../support/runicorn/hostHome.js";
import { type Sshd, startSshd } from "../support/sshd.js";
import { until } from "../support/until.js";

const isLong = Number(process.env["FAULT_ROUNDS"] ?? 1) > 1;
const hostCount = isLong ? 10 : 2;
const sessionsPerHost = isLong ? 5 : 2;

describe(`${hostCount * sessionsPerHost} viewers on ${hostCount} hosts`, () => {
  let home: HostHome;
  let client: TestClient;
  let viewers: Viewers;
  const servers: Sshd[] = [];
  const links: FaultyLink[] = [];
  const sessions: ViewerSession[] = [];

  beforeAll(async () => {
    home = await makeHostHome();
    client = await createTestClient();
    viewers = createTestViewers(client);
    for (let index = 0; index < hostCount; index += 1) {
      const sshd = await startSshd({ home: home.home });
      const link = await openFaultyLink(sshd.port);
      servers.push(sshd);
      links.push(link);
      const connection = await client.connectTo({ ...sshd, port: link.port });
      const environment = await environmentNamed("train", connection);
      for (let count = 0; count < sessionsPerHost; count += 1) {
        sessions.push(await viewers.start(connection, { environment, root: home.root }));
      }
    }
  }, 300_000);
  afterAll(async () => {
    await viewers.stopAll();
    await client.dispose();
    await Promise.all([...links.map((link) => link.close()), ...servers.map((sshd) => sshd.stop())]);
    await home.dispose();
  }, 120_000);

  it("all come back after all were lost at once, with one connection for each host", async () => {
    const before = links.map(({ accepted }) => accepted);
    for (const link of links) link.cut();
    await until("all are noticed", () => viewers.sessions.every(({ state }) => state.kind !== "running"));
    const since = Date.now();
    await until(
      "all are back",
      () => viewers.sessions.every(({ state }) => state.kind === "running"),
      60_000,
    );
    console.log(`${sessions.length} viewers were back after ${Date.now() - since} ms`);
    expect(links.map(({ accepted }, index) => accepted - (before[index] ?? 0))).toEqual(links.map(() => 1));
    expect(viewers.sessions.map(({ state }) => state)).toEqual(sessions.map(({ state }) => state));
  }, 120_000);

  it("all end at once, and nothing is left", async () => {
    await viewers.stopAll();
    await until("nothing is left", async () =>
      (await processesIn(home.home)).every(({ commandLine }) => !/runicorn|supervisor/.test(commandLine)),
    );
  }, 120_000);
});
