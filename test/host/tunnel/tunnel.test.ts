import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { nextEvent } from "../../../src/common/async/event.js";
import type { Tunnels } from "../../../src/tunnel/tunnel.js";
import { createTestTunnels } from "../../support/client.js";
import { it } from "../../support/hostTest.js";
import { startSshd } from "../../support/sshd.js";

let tunnels: Tunnels;
const page = "x".repeat(100_000);
const web = createHttpServer((_request, response) => response.end(page));

beforeAll(async () => {
  web.listen(0, "127.0.0.1");
  await once(web, "listening");
  tunnels = createTestTunnels();
});
afterAll(async () => {
  await tunnels.closeAll();
  web.close();
});

const portOf = (listening: Server): number => (listening.address() as AddressInfo).port;
const remote = () => ({ host: "127.0.0.1", port: portOf(web) });

describe("an in-process tunnel", () => {
  it("carries two hundred requests at once, whole", async ({ connection }) => {
    const tunnel = await tunnels.open(connection, { remote: remote() });
    const answers = await Promise.all(
      Array.from({ length: 200 }, async () => (await fetch(`http://127.0.0.1:${tunnel.localPort}/`)).text()),
    );
    expect(answers.every((text) => text === page)).toBe(true);
    await tunnel.close();
  });

  it("listens on the loopback only, and frees its port when it is closed", async ({ connection }) => {
    const tunnel = await tunnels.open(connection, { remote: remote() });
    expect(tunnels.all).toEqual([tunnel]);
    await tunnel.close();
    expect(tunnels.all).toEqual([]);
    const again = createServer().listen(tunnel.localPort, "127.0.0.1");
    await once(again, "listening");
    again.close();
  });

  it("takes the wanted port, and says when it is taken", async ({ connection }) => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const port = portOf(taken);
    await expect(tunnels.open(connection, { remote: remote(), localPort: port })).rejects.toMatchObject({
      detail: { code: "local-port-taken", port },
    });
    taken.close();
    await once(taken, "close");
    const tunnel = await tunnels.open(connection, { remote: remote(), localPort: port });
    expect(tunnel.localPort).toBe(port);
    await tunnel.close();
  });

  it("resets what it carries when the remote side refuses", async ({ connection }) => {
    const nobody = createServer().listen(0, "127.0.0.1");
    await once(nobody, "listening");
    const port = portOf(nobody);
    nobody.close();
    const tunnel = await tunnels.open(connection, { remote: { host: "127.0.0.1", port } });
    const socket = connect(tunnel.localPort, "127.0.0.1");
    socket.write(`GET / HTTP/1.1\r\nHost: localhost:${tunnel.localPort}\r\n\r\n`);
    const [error] = (await once(socket, "error")) as [NodeJS.ErrnoException];
    expect(error.code).toBe("ECONNRESET");
    await tunnel.close();
  });

  it("resets what is under way when its connection is lost", async ({ client }) => {
    const half = "HTTP/1.1 200 OK\r\n\r\nhalf an answer";
    const silent = createServer((socket) => socket.once("data", () => socket.write(half)));
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
    const other = await startSshd();
    const tunnel = await tunnels.open(await client.connectTo(other), {
      remote: { host: "127.0.0.1", port: portOf(silent) },
    });
    const socket = connect(tunnel.localPort, "127.0.0.1");
    socket.write(`GET / HTTP/1.1\r\nHost: localhost:${tunnel.localPort}\r\n\r\n`);
    await once(socket, "data");
    const lost = nextEvent(tunnel.onDidLose);
    const reset = once(socket, "error");
    await other.stop();
    expect(await lost).toMatchObject({ code: "connection-lost" });
    expect(((await reset) as [NodeJS.ErrnoException])[0].code).toBe("ECONNRESET");
    await tunnel.close();
    silent.close();
  });

  it("keeps its port when its connection is lost, says so, and leads on over the next one", async ({
    connection,
    client,
  }) => {
    const other = await startSshd();
    const tunnel = await tunnels.open(await client.connectTo(other), { remote: remote() });
    const url = `http://127.0.0.1:${tunnel.localPort}/`;
    // A connection that fetch keeps may be reset just when the next request goes out on it.
    expect(await (await fetch(url, { headers: { connection: "close" } })).text()).toBe(page);
    const lost = nextEvent(tunnel.onDidLose);
    await other.stop();
    await lost;
    expect(tunnel.backend).toBe(undefined);
    const meanwhile = await fetch(url);
    expect(meanwhile.status).toBe(503);
    expect(meanwhile.headers.get("retry-after")).toBe("2");
    expect(await meanwhile.text()).toContain(">Back soon</h1>");
    await tunnel.resume(connection, remote());
    expect(await (await fetch(url)).text()).toBe(page);
    await tunnel.close();
  });
});
