import { copyFile } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Connection } from "../../../src/ssh/model/connection.js";
import type { ViewerSession } from "../../../src/viewer/session/session.js";
import type { Viewers } from "../../../src/viewer/viewers.js";
import { createTestViewers, credentialsOf, trusting } from "../../support/client.js";
import { type ConnectedHost, connectHost } from "../../support/connectedHost.js";
import { noOtherMachine, type OtherMachine } from "../../support/otherMachine.js";
import { processesIn } from "../../support/processes.js";
import { type Sshd, startSshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

const nodeA: OtherMachine = { name: "node-a", bootId: "a0000000-0000-4000-8000-000000000003" };
const nodeB: OtherMachine = { name: "node-b", bootId: "b0000000-0000-4000-8000-000000000003" };

describe.skipIf(noOtherMachine)("two machines behind one name, each with a home of its own", () => {
  let stage: ConnectedHost;
  let a: Sshd;
  let b: Sshd;
  let balancer: Server;
  /** Where the name leads to now. */
  let current: Sshd;
  let viewers: Viewers;
  let session: ViewerSession;
  const sockets = new Set<Socket>();
  beforeAll(async () => {
    stage = await connectHost();
    a = await startSshd({ home: stage.host.home, machine: nodeA });
    b = await startSshd({ machine: nodeB });
    await b.halt();
    for (const name of ["host_key", "authorized_keys"])
      await copyFile(join(a.folder, name), join(b.folder, name));
    await b.resume();
    current = a;
    balancer = createServer((socket) => {
      const onward = connect(current.port, "127.0.0.1");
      for (const one of [socket, onward]) {
        sockets.add(one);
        one.on("error", () => undefined);
      }
      socket.pipe(onward).pipe(socket);
    });
    balancer.listen(0, "127.0.0.1");
    await once(balancer, "listening");
    viewers = createTestViewers(stage.client);
    session = await viewers.start(await visit(), { environment: stage.train, root: stage.host.root });
  });
  afterAll(async () => {
    await viewers.leave();
    for (const socket of sockets) socket.destroy();
    balancer.close();
    await a.stop();
    await b.stop();
    await stage.dispose();
  });

  const visit = (): Promise<Connection> => {
    const { port } = balancer.address() as AddressInfo;
    const target = { host: "127.0.0.1", port, user: a.user };
    return stage.client.connections.connect({ target, credentials: credentialsOf(a) }, trusting);
  };
  const leadTo = (server: Sshd): void => {
    current = server;
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  const isAlive = async (): Promise<boolean> =>
    (await processesIn(stage.host.home)).some(({ commandLine }) => /runicorn viewer/.test(commandLine));
  const elsewhere = { code: "viewer-on-another-machine", machine: "node-a" };

  it("a viewer of one is not said to have ended when the name leads to the other", async () => {
    leadTo(b);
    await until("the other one is reached", () => viewers.get(session.id)?.state.kind !== "running");
    await until("it has said what it has", () => viewers.get(session.id)?.state.kind !== "reconnecting");
    expect(viewers.get(session.id)?.state).toMatchObject({ kind: "failed", failure: elsewhere });
    expect(await isAlive()).toBe(true);
  });

  it("a stop is confirmed by the machine that the viewer is on, and by no other one", async () => {
    const unconfirmed = { code: "viewer-stop-unconfirmed", cause: elsewhere };
    await expect(viewers.stop(session.id)).rejects.toMatchObject({ detail: unconfirmed });
    await expect(viewers.stop(session.id)).rejects.toMatchObject({ detail: unconfirmed });
    // Another window, which knows no more than what is kept on this machine.
    const other = createTestViewers(stage.client);
    await other.adopt(await visit());
    await expect(other.stop(session.id)).rejects.toMatchObject({ detail: unconfirmed });
    expect(await isAlive()).toBe(true);
    leadTo(a);
    await visit();
    await until("it is stopped where it is", async () => !(await isAlive()));
    await until("that is known", () => {
      const state = viewers.endOf(session.id)?.state;
      return state?.kind === "stopped" && state.onHost.kind === "gone";
    });
    await other.stop(session.id);
  });
});
