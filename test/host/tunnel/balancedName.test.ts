import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { afterAll, describe, expect } from "vitest";
import type { ForwardingBackend } from "../../../src/tunnel/tunnel.js";
import { askStorage } from "../../../src/viewer/askHealth.js";
import { createTestTunnels, credentialsOf, type TestClient, trusting } from "../../support/client.js";
import { it } from "../../support/hostTest.js";
import { ensureProgram } from "../../support/packages.js";
import type { Sshd } from "../../support/sshd.js";

const isRoot = process.getuid?.() === 0;
let sshd: Sshd;
let client: TestClient;
const web = createHttpServer((_request, response) => response.end('{"storage":"/data/runs"}'));
let visits = 0;

/** One name for two machines with the same host key: the second has a network of its own, where nothing listens. */
const balancer = createServer({ pauseOnConnect: true }, (socket) => {
  const server = [ensureProgram("sshd", "openssh-server"), "-i", "-f", join(sshd.folder, "sshd_config")];
  const [program = "", ...args] = visits % 2 === 0 ? server : ["unshare", "-n", ...server];
  visits += 1;
  spawn(program, args, { stdio: [socket, socket, "ignore"] });
  socket.destroy();
});

it.beforeAll(async ({ server, client: person }) => {
  [sshd, client] = [server, person];
  web.listen(0, "127.0.0.1");
  balancer.listen(0, "127.0.0.1");
  await Promise.all([once(web, "listening"), once(balancer, "listening")]);
});
afterAll(() => {
  balancer.close();
  web.close();
});

const portOf = (server: { address(): unknown }): number => (server.address() as AddressInfo).port;

describe.skipIf(!isRoot)("a name that stands for two machines (needs root, to make the second one)", () => {
  async function open(backends: readonly ForwardingBackend[]) {
    visits = 0;
    const target = { host: "127.0.0.1", port: portOf(balancer), user: sshd.user };
    const request = { target, credentials: credentialsOf(sshd) };
    const connection = await client.connections.connect(request, trusting);
    const tunnels = createTestTunnels(backends, client.home);
    try {
      const remote = { host: "127.0.0.1", port: portOf(web) };
      const tunnel = await tunnels.open(connection, { remote, identify: askStorage });
      const answer = await fetch(`http://127.0.0.1:${tunnel.localPort}/api/health`);
      return { backend: tunnel.backend, answer: await answer.text() };
    } finally {
      await tunnels.closeAll();
      await connection.close();
    }
  }

  it("is led to the machine of the connection", async () => {
    const { backend, answer } = await open(["openssh", "in-process"]);
    expect(visits).toBe(2);
    expect({ backend, answer }).toEqual({ backend: "in-process", answer: '{"storage":"/data/runs"}' });
  });

  it("has no tunnel where only another ssh may carry it, and the reason is told", async () => {
    await expect(open(["openssh"])).rejects.toMatchObject({
      detail: { code: "tunnel-not-possible", reason: "it leads to another machine of that name" },
    });
  });
});
