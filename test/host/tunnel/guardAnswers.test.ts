import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type GuardedPort, openGuardedPort, plainForwarder } from "../../support/guardedPort.js";
import { until } from "../../support/until.js";

/* What a host answers that means harm, byte by byte, and what of it reaches whoever asked. */

let port: GuardedPort;
let host: Server;
/** The streams to the host, and what came on each. */
let streams: { readonly socket: Socket; asked: string; isClosed: boolean }[];
/** What the host says when something was asked. */
let say: (socket: Socket, asked: string) => void;
let greeting: string;

beforeEach(async () => {
  streams = [];
  greeting = "";
  say = () => undefined;
  host = createServer((socket) => {
    const stream = { socket, asked: "", isClosed: false };
    streams.push(stream);
    socket.on("error", () => undefined).once("close", () => (stream.isClosed = true));
    socket.setEncoding("latin1").on("data", (text: string) => {
      stream.asked += text;
      say(socket, stream.asked);
    });
    if (greeting !== "") socket.write(greeting, "latin1");
  }).listen(0, "127.0.0.1");
  await once(host, "listening");
  port = await openGuardedPort(() => undefined);
  port.forwarder = plainForwarder((host.address() as AddressInfo).port);
});
afterEach(async () => {
  await port.dispose();
  for (const { socket } of streams) socket.destroy();
  host.close();
});

const get = (path = "/"): string => `GET ${path} HTTP/1.1\r\nHost: localhost:${port.port}\r\n\r\n`;

interface Asker {
  said: string;
  isOver: boolean;
  readonly socket: Socket;
}

function ask(bytes: string): Asker {
  const socket = connect(port.port, "127.0.0.1");
  const asker: Asker = { said: "", isOver: false, socket };
  socket.setEncoding("latin1").on("data", (text: string) => (asker.said += text));
  socket.on("error", (error: NodeJS.ErrnoException) => (asker.said += error.code));
  socket.once("close", () => (asker.isOver = true));
  socket.write(bytes);
  return asker;
}

/** All that comes until the connection ends. */
async function askToTheEnd(bytes: string): Promise<string> {
  const asker = ask(bytes);
  await until("the connection ends", () => asker.isOver);
  return asker.said;
}

const sized = (body: string): string => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const bodyOf = (said: string): string => said.slice(said.indexOf("\r\n\r\n") + 4);

describe("an invalid response", () => {
  it.each<[string, string]>([
    ["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"],
    [
      "a length and chunks",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ["a folded header", "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n"],
    ["line feeds alone", "HTTP/1.1 200 OK\nContent-Length: 0\n\nHTTP/1.1 200 OK\r\n\r\n"],
    ["a header of a megabyte", `HTTP/1.1 200 OK\r\nX: ${"x".repeat(1_000_000)}`],
    ["endless headers", `HTTP/1.1 200 OK\r\n${"X: y\r\n".repeat(100_000)}`],
    ["another protocol", "SSH-2.0-OpenSSH_9.2\r\n\r\n"],
    ["a protocol that nobody asked for", "HTTP/1.1 101 Yes\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"],
  ])("%s: reset, with nothing of it", async (_name, answer) => {
    say = (socket) => socket.write(answer, "latin1");
    expect(await askToTheEnd(get())).toBe("ECONNRESET");
    await until("the stream to the host is closed", () => streams.every(({ isClosed }) => isClosed));
  });

  it.each<[string, string]>([
    ["a size that is none", "zz\r\nabc\r\n"],
    ["a chunk longer than its size", "2\r\nabc\r\n0\r\n\r\n"],
    ["a line feed alone", "3\nabc\n0\n\n"],
    ["trailers without end", `0\r\n${"X: y\r\n".repeat(100_000)}`],
  ])("chunks with %s: cut, without the last chunk", async (_name, chunks) => {
    say = (socket) =>
      socket.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nrun\r\n${chunks}`);
    // A reset may be seen as an end that comes too soon: what tells is that the last chunk is missing.
    expect(await askToTheEnd(get())).toMatch(/^(HTTP[^]*3\r\nrun\r\n)?(ECONNRESET)?$/);
  });

  it("one that is shorter than it says: cut", async () => {
    say = (socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    expect(await askToTheEnd(get())).toMatch(/half(ECONNRESET)?$/);
  });

  it("one that stops in its head, or before: reset", async () => {
    say = (socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Le");
    expect(await askToTheEnd(get())).toBe("ECONNRESET");
    say = (socket) => socket.end();
    expect(await askToTheEnd(get())).toBe("ECONNRESET");
  });

  it("one that arrives byte by byte is parsed; one whose client leaves meanwhile is dropped", async () => {
    say = (socket) => {
      const bytes = [...sized("slow")];
      const next = (): void => {
        const byte = bytes.shift();
        if (byte !== undefined) socket.write(byte, () => setImmediate(next));
      };
      next();
    };
    const asker = ask(get());
    await until("it is whole", () => asker.said.endsWith("slow"));
    say = (socket) => socket.write("HTTP/1.1 200 OK\r\n");
    asker.socket.write(get());
    await until("it is asked again", () => streams[0]?.asked.split("GET /").length === 3);
    asker.socket.destroy();
    await until("the stream to the host is closed", () => streams[0]?.isClosed === true);
  });
});

describe("bytes after a response", () => {
  const evil = sized("evil");

  it.each<[string, string]>([
    ["a length", sized("good")],
    ["chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ngood\r\n0\r\n\r\n"],
    ["no body", "HTTP/1.1 204 No Content\r\n\r\n"],
  ])("after %s answer no other request: the stream and the connection end", async (_name, answer) => {
    say = (socket) => socket.write(`${answer}${evil}`);
    const said = await askToTheEnd(get());
    expect(said).toMatch(/^HTTP\/1.1 20[04] /);
    expect(said).not.toContain("evil");
    await until("the stream to the host is closed", () => streams.every(({ isClosed }) => isClosed));
  });

  it("a second request that waits on the same connection is not sent, and gets no answer", async () => {
    say = (socket) => socket.write(`${sized("good")}${evil}`);
    const said = await askToTheEnd(`${get("/one")}${get("/two")}`);
    expect(bodyOf(said)).toBe("good");
    expect(streams.map(({ asked }) => asked).join("")).not.toContain("/two");
  });

  it("later ones, while nothing is asked, are thrown away with the stream", async () => {
    say = (socket) => socket.write(sized("good"));
    const asker = ask(get());
    await until("it is answered", () => asker.said.endsWith("good"));
    streams[0]?.socket.write(evil);
    await until("the connection ends", () => asker.isOver);
    expect(asker.said).not.toContain("evil");
  });

  it("a response before any request is ignored", async () => {
    greeting = evil;
    say = (socket) => socket.write(sized("good"));
    const asker = ask("");
    await until("the host has said it", () => streams.length === 1);
    await until("its stream is closed", () => streams[0]?.isClosed === true);
    asker.socket.write(get());
    await until("the connection ends", () => asker.isOver);
    expect(asker.said).not.toContain("evil");
  });

  it("an answer before the request was sent to its end is the last on its stream", async () => {
    say = (socket) => socket.write("HTTP/1.1 413 Too large\r\nContent-Length: 2\r\n\r\nno");
    const post = `POST / HTTP/1.1\r\nHost: localhost:${port.port}\r\nContent-Length: 100\r\n\r\nhalf`;
    expect(await askToTheEnd(post)).toMatch(/^HTTP\/1.1 413 [^]*\r\n\r\nno$/);
    await until("the stream to the host is closed", () => streams.every(({ isClosed }) => isClosed));
  });

  it("an answer that ends with its stream is the last one", async () => {
    say = (socket) => socket.end("HTTP/1.1 200 OK\r\n\r\nwhole");
    expect(await askToTheEnd(`${get("/one")}${get("/two")}`)).toMatch(/whole\r\n0\r\n\r\n$/);
  });

  it("a pipelined request waits for the response to the previous one", async () => {
    const waiting: Socket[] = [];
    say = (socket) => waiting.push(socket);
    const asker = ask(`${get("/one")}${get("/two")}`);
    await until("the first is asked", () => waiting.length === 1);
    expect(streams[0]?.asked).not.toContain("/two");
    waiting.shift()?.write(sized("first"));
    await until("the second is asked", () => waiting.length === 1);
    waiting.shift()?.write(sized("second"));
    await until("both are answered", () => asker.said.endsWith("second"));
    expect(asker.said.match(/first|second/g)).toEqual(["first", "second"]);
    expect(streams).toHaveLength(1);
    asker.socket.destroy();
  });
});

describe("headers of an answer", () => {
  it("none is split or smuggled into another", async () => {
    say = (socket) =>
      socket.write(
        "HTTP/1.1 200 O\xe4K\r\nX: a\xa0\r\nSet-Cookie: runicorn-guard-1=x\r\nContent-Length: 0\r\n\r\n",
        "latin1",
      );
    const asker = ask(get());
    await until("it is answered", () => asker.said.endsWith("\r\n\r\n"));
    expect(asker.said).toMatch(
      /^HTTP\/1.1 200 O\xe4K\r\nX: a\xa0\r\nContent-Length: 0\r\nCache-Control: no-cache\r\n/,
    );
    asker.socket.destroy();
  });

  it("a request whose headers would be split on the way is not sent", async () => {
    const bytes = `GET / HTTP/1.1\r\nHost: localhost:${port.port}\r\nX: a\rGET /hidden HTTP/1.1\r\n\r\n`;
    expect(await askToTheEnd(bytes)).toMatch(/^HTTP\/1.1 400 /);
    expect(streams.map(({ asked }) => asked).join("")).toBe("");
  });
});
