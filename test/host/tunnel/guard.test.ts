import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { type IncomingMessage, request, type RequestListener } from "node:http";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type GuardedPort, openGuardedPort } from "../../support/guardedPort.js";
import { sendBytes } from "../../support/sendBytes.js";
import { openWebSocket } from "../../support/openWebSocket.js";
import { until } from "../../support/until.js";

/* What programs send to the local port of a viewer, byte by byte, and what of it arrives. Browsers: guardBrowser.test.ts. */

let port: GuardedPort;
afterEach(() => port.dispose());

async function start(answer: RequestListener): Promise<void> {
  port = await openGuardedPort(answer);
}

const echo: RequestListener = (incoming, response) => {
  const hash = createHash("sha256");
  incoming.on("data", (chunk: Buffer) => hash.update(chunk));
  incoming.on("end", () => response.end(`${incoming.method} ${incoming.url} ${hash.digest("hex")}`));
};
const digest = (body: Buffer | string): string => createHash("sha256").update(body).digest("hex");

const raw = (bytes: string): Promise<string> => sendBytes(port.port, bytes);

const statuses = (said: string): string[] => said.match(/(?<=HTTP\/1\.1 )\d{3}/g) ?? [];
const host = () => `Host: localhost:${port.port}\r\n`;
const last = () => `${host()}Connection: close\r\n`;

describe("ambiguous requests", () => {
  const hidden = () => `GET /hidden HTTP/1.1\r\n${host()}\r\n`;
  it.each<[string, () => string]>([
    [
      "a length and chunks",
      () =>
        `POST / HTTP/1.1\r\n${host()}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden()}`,
    ],
    [
      "chunks and a length",
      () =>
        `POST / HTTP/1.1\r\n${host()}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n${hidden()}`,
    ],
    [
      "two lengths",
      () => `POST / HTTP/1.1\r\n${host()}Content-Length: 0\r\nContent-Length: 44\r\n\r\n${hidden()}`,
    ],
    ["a length with a sign", () => `POST / HTTP/1.1\r\n${host()}Content-Length: +4\r\n\r\nabcd`],
    ["a coding that is not known", () => `POST / HTTP/1.1\r\n${host()}Transfer-Encoding: xchunked\r\n\r\n`],
    [
      "two codings",
      () => `POST / HTTP/1.1\r\n${host()}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n${hidden()}`,
    ],
    ["a space before the colon", () => `POST / HTTP/1.1\r\n${host()}Content-Length : 4\r\n\r\nabcd`],
    ["a folded header", () => `GET / HTTP/1.1\r\n${host()}X: a\r\n Host: evil.example\r\n\r\n`],
    ["a line feed alone", () => `GET / HTTP/1.1\n${host()}\n\n`],
    ["no host", () => "GET / HTTP/1.1\r\n\r\n"],
    ["two hosts", () => `GET / HTTP/1.1\r\n${host()}Host: evil.example\r\n\r\n`],
    ["another host", () => `GET / HTTP/1.1\r\nHost: evil.example:${port.port}\r\n\r\n`],
    ["an absolute address", () => `GET http://localhost:${port.port}/ HTTP/1.1\r\n${host()}\r\n`],
    ["an absolute address of another host", () => `GET http://evil.example/ HTTP/1.1\r\n${host()}\r\n`],
    ["CONNECT", () => `CONNECT localhost:${port.port} HTTP/1.1\r\n${host()}\r\n`],
    ["HTTP/1.0 without a host", () => "GET / HTTP/1.0\r\n\r\n"],
    ["HTTP/2", () => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ["no HTTP", () => "\u0016\u0003\u0001\u0002\u0000\u0001"],
    ["too many headers", () => `GET / HTTP/1.1\r\n${host()}X: ${"x".repeat(70_000)}\r\n\r\n`],
    ["another protocol", () => `GET / HTTP/1.1\r\n${host()}Connection: upgrade\r\nUpgrade: h2c\r\n\r\n`],
    [
      "a WebSocket with a body",
      () =>
        `GET / HTTP/1.1\r\n${host()}Connection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 4\r\n\r\nabcd`,
    ],
  ])("%s", async (_name, bytes) => {
    await start(echo);
    const said = await raw(bytes());
    expect(port.seen.filter(({ url }) => url !== "/" || said === "")).toEqual([]);
    expect(statuses(said).filter((status) => status < "400")).toEqual([]);
    expect(port.seen).toEqual([]);
  });

  it("a chunked body arrives intact, and the next bytes as another request", async () => {
    await start(echo);
    const chunked = `POST /a HTTP/1.1\r\n${host()}Transfer-Encoding: Chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nTrailer: x\r\n\r\n`;
    const inGet = `GET /b HTTP/1.1\r\n${host()}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`;
    const sized = `DELETE /c HTTP/1.1\r\n${host()}Content-Length: 3\r\n\r\nabc`;
    const said = await raw(`${chunked}${inGet}${sized}GET /d HTTP/1.1\r\n${last()}\r\n`);
    const at = ["POST /a", "GET /b", "DELETE /c", "GET /d"].map((one) => said.indexOf(one));
    expect(at).toEqual([...at].sort((one, other) => one - other));
    expect(said.match(new RegExp(digest("abc"), "g"))).toHaveLength(3);
    expect(statuses(said)).toEqual(["200", "200", "200", "200"]);
    expect(port.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "POST /a",
      "GET /b",
      "DELETE /c",
      "GET /d",
    ]);
  });

  it("HTTP/1.0 gets an answer that ends with its connection", async () => {
    await start((_incoming, response) => {
      response.write("one ");
      response.end("two");
    });
    const said = await raw(`GET / HTTP/1.0\r\n${host()}\r\n`);
    expect(said).toMatch(/\r\n\r\none two$/);
    expect(said).not.toMatch(/chunked/i);
  });

  it("each request on a keep-alive connection is checked, and a rejected one is the last", async () => {
    await start(echo);
    const good = `GET /good HTTP/1.1\r\n${host()}\r\n`;
    const bad = `GET /bad HTTP/1.1\r\n${host()}Origin: http://evil.example\r\n\r\n`;
    const said = await raw(`${good}${good}${bad}${good}`);
    expect(statuses(said)).toEqual(["200", "200", "403"]);
    expect(port.seen.map(({ url }) => url)).toEqual(["/good", "/good"]);
  });

  it("a WebSocket that is asked for while an answer is under way cuts the connection", async () => {
    await start(() => undefined);
    const asked = `GET /slow HTTP/1.1\r\n${host()}\r\nGET /ws HTTP/1.1\r\n${host()}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;
    expect(await raw(asked)).toBe("ECONNRESET");
    expect(port.seen.map(({ url }) => url)).not.toContain("/ws");
  });
});

describe("two pipelined requests, the second with an upgrade", () => {
  const upgrade = (to: string, at = host()): string =>
    `GET /ws HTTP/1.1\r\n${at}Connection: Upgrade\r\nUpgrade: ${to}\r\n\r\n`;
  const elsewhere = "Host: evil.example\r\n";
  const expecting = (): string => `GET / HTTP/1.1\r\n${host()}Expect: foo\r\n\r\n`;

  it.each([
    ["what nobody promises, and a refused one", () => expecting() + upgrade("websocket", elsewhere)],
    ["what nobody promises, and one that is not forwarded", () => expecting() + upgrade("h2c")],
    ["what nobody promises, and a WebSocket", () => expecting() + upgrade("websocket")],
  ])("are cut, and end nothing else: %s", async (_name, asked) => {
    await start(echo);
    await raw(asked());
    expect(port.seen).toEqual([]);
    expect(await (await fetch(port.url, { headers: { Connection: "close" } })).text()).not.toBe("");
  });

  it("are cut while the way to the host is lost", async () => {
    await start(echo);
    const { forwarder } = port;
    port.forwarder = undefined;
    await raw(`GET / HTTP/1.1\r\n${host()}\r\n${upgrade("websocket")}`);
    port.forwarder = forwarder;
    expect(port.seen).toEqual([]);
  });

  it("the first gets 417", async () => {
    await start(echo);
    expect(await raw(expecting())).toMatch(/^HTTP\/1.1 417 /);
    expect(port.seen).toEqual([]);
  });
});

describe("forwarded data", () => {
  it("a request keeps its headers, except hop-by-hop headers and ours", async () => {
    await start(echo);
    const headers = `User-Agent: x\r\nx-Odd: 1\r\nX-Odd: 2\r\nCookie: runicorn-guard-1=secret; theme=dark\r\nX-Forwarded-For: 1.2.3.4\r\n`;
    await raw(`GET /a%20b?x=%2F&&y HTTP/1.1\r\n${last()}${headers}\r\n`);
    expect(port.seen[0]?.url).toBe("/a%20b?x=%2F&&y");
    expect(port.seen[0]?.rawHeaders).toEqual([
      ...["Host", `localhost:${port.port}`, "User-Agent", "x", "x-Odd", "1", "X-Odd", "2"],
      ...["Connection", "keep-alive"],
    ]);
  });

  it("a response is unchanged, except for what a browser would store", async () => {
    await start((_incoming, response) => {
      const cookies = ["a=1", "runicorn-guard-1=theirs", "b=2"];
      response.sendDate = false;
      response.writeHead(418, "Short and stout", { "Set-Cookie": cookies, "X-Odd": "ä" });
      response.end("tea");
    });
    const said = await raw(`GET / HTTP/1.1\r\n${last()}\r\n`);
    const head = "HTTP/1.1 418 Short and stout\r\nX-Odd: ä\r\nCache-Control: no-cache\r\n";
    expect(said).toBe(`${head}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ntea\r\n0\r\n\r\n`);
  });

  it("a browser with too many cookies is told what to do", async () => {
    await start(echo);
    const said = await raw(`GET / HTTP/1.1\r\n${last()}Cookie: a=${"x".repeat(70_000)}\r\n\r\n`);
    expect(said).toMatch(/^HTTP\/1.1 431 [^]*Too many cookies/);
    expect(await raw("nonsense\r\n\r\n")).toMatch(/^HTTP\/1.1 400 /);
    expect(port.seen).toHaveLength(0);
  });

  it.each([
    ["204", 204, "GET"],
    ["304", 304, "GET"],
    ["HEAD", 200, "HEAD"],
  ])("an answer without a body: %s", async (_name, status, method) => {
    await start((_incoming, response) => {
      response.writeHead(status, { "X-A": "1" });
      response.end();
    });
    const said = await raw(`${method} / HTTP/1.1\r\n${last()}\r\n`);
    expect(said).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]*\r\n\r\n$`));
  });

  it("20 MB arrive completely in both directions with a slow reader", async () => {
    const large = randomBytes(20_000_000);
    await start((incoming, response) => {
      const hash = createHash("sha256");
      incoming.on("data", (chunk: Buffer) => {
        hash.update(chunk);
        incoming.pause();
        setImmediate(() => incoming.resume());
      });
      incoming.on("end", () => response.writeHead(200, { "X-Digest": hash.digest("hex") }).end(large));
    });
    const sent = request({ port: port.port, host: "127.0.0.1", method: "PUT", path: "/file", agent: false });
    sent.end(large);
    const [answer] = (await once(sent, "response")) as [IncomingMessage];
    expect(answer.headers["x-digest"]).toBe(digest(large));
    const hash = createHash("sha256");
    for await (const chunk of answer) {
      hash.update(chunk as Buffer);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(hash.digest("hex")).toBe(digest(large));
  });

  it("a client that reads nothing blocks the viewer, and does not fill our memory", async () => {
    let written = 0;
    await start((_incoming, response) => {
      const piece = randomBytes(1_000_000);
      const more = (): void => {
        written += piece.length;
        if (response.write(piece)) more();
        else if (written < 500_000_000) response.once("drain", more);
      };
      more();
    });
    const socket = connect(port.port, "127.0.0.1");
    socket.write(`GET / HTTP/1.1\r\n${host()}\r\n`);
    await once(socket, "readable");
    let before = -1;
    await until("the viewer waits", () => {
      const stands = before === written;
      before = written;
      return stands && written > 0;
    });
    expect(written).toBeLessThan(100_000_000);
    socket.destroy();
  });

  it("the head of an answer, and each event, come at once", async () => {
    let send: (() => void) | undefined;
    await start((_incoming, response) => {
      response.writeHead(200, { "Content-Type": "text/event-stream" }).flushHeaders();
      send = () => response.write("data: x\n\n");
    });
    const answer = await fetch(`${port.url}/events`);
    send?.();
    const read = await answer.body?.getReader().read();
    expect(Buffer.from(read?.value ?? []).toString()).toBe("data: x\n\n");
  });

  it("a body that waits for 100 Continue gets it", async () => {
    await start(echo);
    const sent = request({
      port: port.port,
      method: "POST",
      headers: { Expect: "100-continue" },
      agent: false,
    });
    sent.flushHeaders();
    await once(sent, "continue");
    sent.end("abc");
    const [answer] = (await once(sent, "response")) as [IncomingMessage];
    expect(answer.statusCode).toBe(200);
    answer.resume();
  });

  it("a WebSocket's bytes pass in both directions, including the first ones; its end is passed on", async () => {
    await start(echo);
    port.web.on("upgrade", (_request, socket) => {
      socket.write(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello ",
      );
      socket.on("data", (chunk: Buffer) => socket.write(chunk));
      socket.on("end", () => socket.end());
    });
    const socket = await openWebSocket(new URL(`${port.url}/ws`));
    socket.setEncoding("utf8");
    let said = "";
    socket.on("data", (chunk: string) => (said += chunk));
    socket.write("there");
    await until("it comes back", () => said === "hello there");
    socket.end();
    await once(socket, "close");
  });

  it("a WebSocket that the viewer rejects gets its response", async () => {
    await start(echo);
    port.web.removeAllListeners("upgrade");
    const said = await raw(`GET /ws HTTP/1.1\r\n${host()}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
    expect(said).toMatch(/^HTTP\/1.1 200 OK[^]*GET \/ws/);
  });
});
