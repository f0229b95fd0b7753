import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect, createServer as createListener } from "node:net";
import { networkInterfaces } from "node:os";
import { describe, expect, it } from "vitest";
import { listenOnLoopback } from "../../../../src/common/account/loopback.js";
import { freePort } from "../../../support/ports.js";

const hasIpv6 = Object.values(networkInterfaces())
  .flat()
  .some((one) => one?.address === "::1");

async function isFree(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port });
  const isOpen = await once(socket, "connect").then(
    () => true,
    () => false,
  );
  socket.destroy();
  return !isOpen;
}

const hello = () => createServer((request, response) => response.end(request.socket.localAddress));

describe("a server on the loopback", () => {
  it("is one port at 127.0.0.1 and, where there is IPv6, at ::1", async () => {
    const server = hello();
    const { port, close } = await listenOnLoopback(server, { port: 0 });
    const answer = async (host: string) => (await fetch(`http://${host}:${port}/`)).text();
    expect(await answer("127.0.0.1")).toBe("127.0.0.1");
    if (hasIpv6) expect(await answer("[::1]")).toBe("::1");
    const closed = close();
    server.closeAllConnections();
    await closed;
  });

  it("leaves its port free at both when it is closed", async () => {
    // Another program may take the port at once: it does not give our answer.
    const ours = randomUUID();
    const { port, close } = await listenOnLoopback(
      createServer({ keepAlive: false }, (_, response) =>
        response.setHeader("connection", "close").end(ours),
      ),
      { port: await freePort() },
    );
    const answersAt = async (host: string): Promise<boolean> => {
      try {
        const response = await fetch(`http://${host}:${port}/`, { signal: AbortSignal.timeout(5_000) });
        return (await response.text()) === ours;
      } catch {
        return false;
      }
    };
    expect(await answersAt("127.0.0.1")).toBe(true);
    await close();
    for (const host of ["127.0.0.1", "[::1]"]) expect(await answersAt(host)).toBe(false);
  });

  it.skipIf(!hasIpv6)("does not begin where another program has the port at one of them", async () => {
    for (const [taken, free] of [
      ["::1", "127.0.0.1"],
      ["127.0.0.1", "::1"],
    ] as const) {
      const port = await freePort();
      const other = createListener().listen({ host: taken, port });
      await once(other, "listening");
      await expect(listenOnLoopback(hello(), { port })).rejects.toMatchObject({ code: "EADDRINUSE" });
      expect(await isFree(free, port)).toBe(true);
      other.close();
    }
  });

  it("says why it cannot listen", async () => {
    const server = hello();
    await expect(listenOnLoopback(server, { port: 70_000 })).rejects.toMatchObject({
      code: "ERR_SOCKET_BAD_PORT",
    });
  });
});
