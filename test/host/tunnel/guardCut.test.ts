import { once } from "node:events";
import type { RequestListener } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type GuardedPort, openGuardedPort, plainForwarder } from "../../support/guardedPort.js";
import { sendBytes } from "../../support/sendBytes.js";
import { until } from "../../support/until.js";

/* What programs hear on the local port of a viewer when something ends too early. */

let port: GuardedPort;
afterEach(() => port.dispose());

async function start(answer: RequestListener): Promise<void> {
  port = await openGuardedPort(answer);
}

const greet: RequestListener = (_incoming, response) => response.end("hello");
const raw = (bytes: string): Promise<string> => sendBytes(port.port, bytes);
const host = () => `Host: localhost:${port.port}\r\n`;
const last = () => `${host()}Connection: close\r\n`;

describe("what is cut looks cut", () => {
  const half: RequestListener = (_incoming, response) => {
    response.writeHead(200, { "Content-Length": 100 });
    response.write("half", () => response.destroy());
  };
  const endless: RequestListener = (_incoming, response) => {
    response.socket?.end("HTTP/1.1 200 OK\r\n\r\nhalf");
  };
  const chunks: RequestListener = (_incoming, response) => {
    response.write("half", () => response.destroy());
  };

  it.each<[string, RequestListener]>([
    ["an answer with a length", half],
    ["an answer in chunks", chunks],
  ])("%s", async (_name, answer) => {
    await start(answer);
    expect(await raw(`GET / HTTP/1.1\r\n${last()}\r\n`)).toMatch(/half(\r\n)?ECONNRESET$/);
  });

  it("a response until close, when the connection to the host was lost", async () => {
    await start(endless);
    expect(await raw(`GET / HTTP/1.1\r\n${last()}\r\n`)).toMatch(/half\r\n0\r\n\r\n$/);
    port.way.isReal = false;
    expect(await raw(`GET / HTTP/1.1\r\n${last()}\r\n`)).toMatch(/half\r\nECONNRESET$/);
    expect(await raw(`GET / HTTP/1.0\r\n${host()}\r\n`)).toMatch(/halfECONNRESET$/);
  });

  it("a WebSocket, when the way to the host ended it", async () => {
    await start(greet);
    port.web.on("upgrade", (_request, socket) => {
      socket.end(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello",
      );
    });
    port.way.isReal = false;
    const asked = `GET /ws HTTP/1.1\r\n${host()}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;
    expect(await raw(asked)).toMatch(/helloECONNRESET$/);
  });

  it("no answer at all, and another protocol that nobody asked for", async () => {
    await start((_incoming, response) => void response.socket?.destroy());
    expect(await raw(`GET / HTTP/1.1\r\n${last()}\r\n`)).toBe("ECONNRESET");
    port.web.removeAllListeners("request");
    port.web.on("request", (_incoming, response) => {
      response.socket?.write(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nbytes",
      );
    });
    expect(await raw(`GET / HTTP/1.1\r\n${last()}\r\n`)).toBe("ECONNRESET");
  });

  it("a viewer that is not there", async () => {
    await start(greet);
    const nobody = createTcpServer().listen(0, "127.0.0.1");
    await once(nobody, "listening");
    const { port: closed } = nobody.address() as AddressInfo;
    nobody.close();
    port.forwarder = plainForwarder(closed);
    expect(await raw(`GET / HTTP/1.1\r\n${host()}\r\n`)).toBe("ECONNRESET");
  });

  it("a request: a partial upload is cut at the viewer", async () => {
    let cut = false;
    await start((incoming) => {
      incoming.on("error", () => (cut = true)).resume();
    });
    const socket = connect(port.port, "127.0.0.1");
    socket.write(`POST / HTTP/1.1\r\n${host()}Content-Length: 100\r\n\r\nhalf`);
    await until("it is under way", () => port.seen.length === 1);
    socket.destroy();
    await until("it is cut", () => cut);
  });

  it("a kept connection ends when the viewer ends its own", async () => {
    // As uvicorn does: without saying when.
    const whole = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nruns";
    const web = createTcpServer((socket) => {
      socket.once("data", () => socket.write(whole, () => setTimeout(() => socket.end(), 50)));
    }).listen(0, "127.0.0.1");
    await once(web, "listening");
    await start(greet);
    port.forwarder = plainForwarder((web.address() as AddressInfo).port);
    expect(await raw(`GET / HTTP/1.1\r\n${host()}\r\n`)).toMatch(/^HTTP\/1.1 200/);
    web.close();
  });
});

describe("while the connection to the host is lost", () => {
  it("admitted clients are told to retry, others are rejected", async () => {
    await start(greet);
    port.forwarder = undefined;
    const answer = await fetch(`${port.url}/runs`);
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "2"]);
    expect(await answer.text()).toContain("Back soon");
    expect(await raw(`GET / HTTP/1.1\r\n${host()}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 503/,
    );
    expect(await raw(`GET / HTTP/1.1\r\n${last()}Origin: http://evil.example\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 403/,
    );
  });
});
