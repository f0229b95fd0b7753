import { existsSync } from "node:fs";
import { utimes } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Connection } from "../../../src/ssh/model/connection.js";
import { askLeases } from "../../../src/viewer/remote/askLeases.js";
import { listHostSessions, stopViewer } from "../../../src/viewer/remote/hostSessions.js";
import type { RemoteViewer, ViewerSession } from "../../../src/viewer/session/session.js";
import type { Viewers } from "../../../src/viewer/viewers.js";
import { createTestViewers } from "../../support/client.js";
import { type ConnectedHost, connectHost } from "../../support/connectedHost.js";
import { noOtherMachine, type OtherMachine } from "../../support/otherMachine.js";
import { type Sshd, startSshd } from "../../support/sshd.js";

const nodeA: OtherMachine = { name: "node-a", bootId: "a0000000-0000-4000-8000-000000000001" };
const nodeB: OtherMachine = { name: "node-b", bootId: "b0000000-0000-4000-8000-000000000001" };
const minutes = 60_000;

describe.skipIf(noOtherMachine)("a machine that shares its home folder with another one", () => {
  let stage: ConnectedHost;
  let servers: Sshd[];
  let atA: Connection;
  let atB: Connection;
  let viewers: Viewers;
  let session: ViewerSession;
  let remote: RemoteViewer;
  let folder: string;
  beforeAll(async () => {
    stage = await connectHost();
    const open = async (machine: OtherMachine): Promise<Connection> => {
      const server = await startSshd({ home: stage.host.home, machine });
      servers.push(server);
      return stage.client.connectTo(server);
    };
    servers = [];
    atA = await open(nodeA);
    atB = await open(nodeB);
    viewers = createTestViewers(stage.client);
    session = await viewers.start(atA, { environment: stage.train, root: stage.host.root });
    if (session.state.kind !== "running") throw new Error(session.state.kind);
    ({ remote } = session.state);
    folder = join(stage.host.home, ".cache", "runicorn-remote", "sessions", session.id);
  });
  afterAll(async () => {
    await viewers.stopAll();
    for (const server of servers) await server.stop();
    await stage.dispose();
  });

  const isAlive = async (): Promise<boolean> =>
    (await askLeases(atA, "renew", [session.id])).get(session.id)?.kind === "running";

  it("leaves the viewers of the other alone when it is visited", async () => {
    const elsewhere = { kind: "elsewhere", machine: "node-a" };
    expect((await listHostSessions(atB)).sessions).toMatchObject([{ id: session.id, status: elsewhere }]);
    expect(await askLeases(atB, "renew", [session.id])).toEqual(new Map([[session.id, elsewhere]]));
    const visitor = createTestViewers(stage.client);
    await visitor.adopt(atB);
    expect(visitor.sessions).toEqual([]);
    expect(await isAlive()).toBe(true);
  });

  it("does not end them, and says so", async () => {
    const cause = { code: "viewer-on-another-machine", machine: "node-a" };
    expect(await stopViewer(atB, session.id, remote)).toMatchObject({ kind: "unconfirmed", cause });
    expect(await stopViewer(atB, session.id, undefined)).toMatchObject({ kind: "unconfirmed", cause });
    expect(await isAlive()).toBe(true);
  });

  it("removes leftovers of the other after a week without a sign of life", async () => {
    const sign = join(folder, "machine");
    await utimes(sign, new Date(Date.now() - 60 * minutes), new Date(Date.now() - 60 * minutes));
    expect((await listHostSessions(atB)).sessions).toHaveLength(1);
    await viewers.keep(session.id);
    const other = await viewers.start(atA, { environment: stage.train, root: stage.host.root });
    const otherFolder = join(folder, "..", other.id);
    const longAgo = new Date(Date.now() - 8 * 24 * 60 * minutes);
    await utimes(join(otherFolder, "machine"), longAgo, longAgo);
    expect((await listHostSessions(atB)).sessions.map(({ id }) => id)).toEqual([session.id]);
    expect(existsSync(otherFolder)).toBe(false);
  });

  it("removes its own leftovers after a reboot, once they have given no sign of life for some minutes", async () => {
    const again = { ...nodeA, bootId: "a0000000-0000-4000-8000-000000000002" };
    const server = await startSshd({ home: stage.host.home, machine: again });
    servers.push(server);
    const restarted = await stage.client.connectTo(server);
    await utimes(join(folder, "machine"), new Date(), new Date());
    expect((await listHostSessions(restarted)).sessions).toMatchObject([{ id: session.id }]);
    const before = new Date(Date.now() - 6 * minutes);
    await utimes(join(folder, "machine"), before, before);
    expect((await listHostSessions(restarted)).sessions).toEqual([]);
    expect(existsSync(folder)).toBe(false);
  });
});
