import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { HostStream } from "../../../src/tunnel/relay/hostStream.js";
import { StreamRefused } from "../../../src/tunnel/relay/streams.js";
import { makeOtherAccount, noOtherAccount } from "../../support/otherAccount.js";
import { type RelayProcess, startRelayProcess } from "../../support/relayProcess.js";
import { until } from "../../support/until.js";

/*
 * The program of the relay and this side's streams, over two pipes and nothing else.
 */

const oldestPython = ["python3.6", ...pyenvPythons()].find(
  (name) => spawnSync(name, ["-c", ""]).status === 0,
);

/** Where pyenv has it; the one in PATH may only say so. */
function pyenvPythons(): string[] {
  const versions = join(homedir(), ".pyenv", "versions");
  if (!existsSync(versions)) return [];
  return readdirSync(versions).map((version) => join(versions, version, "bin", "python3.6"));
}

let folder: string;
let relay: RelayProcess;
const servers: Server[] = [];

beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "relay-"))));
afterAll(() => rm(folder, { recursive: true }));
beforeEach(async () => void (relay = await startRelayProcess()));
afterEach(async () => {
  expect(await relay.stop()).toBe(0);
  for (const server of servers.splice(0)) server.close();
});

let sockets = 0;
/** A server at a socket, whose connections end only where `serve` ends them. */
async function listenAtSocket(serve: (socket: Socket) => void): Promise<{ readonly socket: string }> {
  const path = join(folder, `s${(sockets += 1)}`);
  await started(createServer({ allowHalfOpen: true }, serve).listen(path));
  return { socket: path };
}
async function listenAtPort(serve: (socket: Socket) => void): Promise<{ readonly port: number }> {
  const server = createServer({ allowHalfOpen: true }, serve).listen(0, "127.0.0.1");
  await started(server);
  return { port: (server.address() as AddressInfo).port };
}
async function started(server: Server): Promise<void> {
  servers.push(server);
  await once(server, "listening");
}

/** Sends back what comes, and its end. */
const echo = (socket: Socket): void => void socket.pipe(socket).on("error", () => undefined);

async function exchange(stream: HostStream, sent: Buffer): Promise<boolean> {
  stream.end(sent);
  return digest(await buffer(stream)) === digest(sent);
}
const digest = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

describe("the relay", () => {
  it.each([
    ["a socket", listenAtSocket],
    ["a port", listenAtPort],
  ] as const)("passes 20 MB in both directions to %s, and each half-close", async (_what, listen) => {
    const address = await listen(echo);
    expect(await exchange(await relay.streams.open(address), randomBytes(20_000_000))).toBe(true);
    await until("the host has closed it", () => relay.streams.count === 0);
  });

  it("carries three hundred streams at once, more than it opens at a time", async () => {
    const address = await listenAtSocket(echo);
    const all = Array.from({ length: 300 }, async () =>
      exchange(await relay.streams.open(address), randomBytes(100_000)),
    );
    expect((await Promise.all(all)).every(Boolean)).toBe(true);
    await until("the host has closed them", () => relay.streams.count === 0);
  });

  it("holds up no stream for one that nobody reads, and holds no more of that than its window", async () => {
    let written = 0;
    const source = await listenAtSocket((socket) => {
      socket.on("error", () => undefined);
      const more = (): void => {
        while (socket.write(Buffer.alloc(65_536))) written += 65_536;
        written += 65_536;
      };
      socket.on("drain", more);
      more();
    });
    const stalled = await Promise.all(Array.from({ length: 20 }, () => relay.streams.open(source)));
    const other = await listenAtSocket(echo);
    expect(await exchange(await relay.streams.open(other), randomBytes(5_000_000))).toBe(true);
    // Windows, and the buffers of the sockets at the host.
    expect(written).toBeLessThan(20 * 1_500_000);
    for (const stream of stalled) stream.destroy();
    await until("the host has closed them", () => relay.streams.count === 0);
  });

  it("holds up no stream for one whose server reads nothing", async () => {
    const deaf = await listenAtSocket((socket) => void socket.pause().on("error", () => undefined));
    const stalled = await relay.streams.open(deaf);
    let taken = 0;
    stalled.on("error", () => undefined);
    const piece = Buffer.alloc(65_536);
    const write = (): void =>
      void stalled.write(piece, (error) => {
        taken += piece.length;
        if (!error) write();
      });
    write();
    const other = await listenAtSocket(echo);
    expect(await exchange(await relay.streams.open(other), randomBytes(5_000_000))).toBe(true);
    expect(taken).toBeLessThan(2_000_000);
    stalled.destroy();
    await until("the host has closed it", () => relay.streams.count === 0);
  });

  it("tells an end from a reset", async () => {
    const ended = await relay.streams.open(await listenAtPort((socket) => socket.end("whole")));
    ended.end();
    expect((await buffer(ended)).toString()).toBe("whole");
    const cut = await relay.streams.open(
      await listenAtPort((socket) => {
        socket.on("error", () => undefined);
        socket.write("half");
        socket.once("data", () => socket.resetAndDestroy());
      }),
    );
    cut.write("go");
    let hasEnded = false;
    cut.on("end", () => (hasEnded = true)).resume();
    const [error] = (await once(cut, "error")) as [NodeJS.ErrnoException];
    expect(error.message).toBe("ECONNRESET Connection reset by peer");
    expect(hasEnded).toBe(false);
  });

  it("resets what is destroyed here", async () => {
    let reset: Promise<unknown[]> | undefined;
    const address = await listenAtPort((socket) => {
      reset = once(socket, "error");
      socket.write("x");
    });
    const stream = await relay.streams.open(address);
    await once(stream, "readable");
    stream.destroy();
    await until("it is connected", () => reset !== undefined);
    expect(((await reset) as [NodeJS.ErrnoException])[0].code).toBe("ECONNRESET");
  });

  it("brings what a server says that reads no more", async () => {
    const address = await listenAtSocket((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => {
        socket.write("enough", () => socket.destroy());
      });
    });
    const stream = await relay.streams.open(address);
    let said = "";
    stream.on("error", () => undefined).on("data", (piece: Buffer) => (said += piece.toString()));
    const upload = (): void => void stream.write(Buffer.alloc(65_536), (error) => !error && upload());
    upload();
    await until("it has said so", () => said === "enough");
    stream.destroy();
  });

  it("says why it cannot connect, in the host's words", async () => {
    const gone = await listenAtSocket(echo);
    const port = await listenAtPort(echo);
    const [first, second] = servers.splice(-2);
    first?.close();
    second?.close();
    await Promise.all([once(first as Server, "close"), once(second as Server, "close")]);
    execFileSync("python3", [
      "-c",
      `import socket; socket.socket(socket.AF_UNIX).bind(${JSON.stringify(gone.socket)})`,
    ]);
    await writeFile(join(folder, "file"), "");
    const refusals = [
      [{ socket: join(folder, "missing") }, "ENOENT No such file or directory"],
      [gone, "ECONNREFUSED Connection refused"],
      [port, "ECONNREFUSED Connection refused"],
      [{ socket: join(folder, "file") }, "ENOTSOCK it is no socket"],
      [{ socket: join(folder, "x".repeat(200)) }, /^ENOENT|^EINVAL AF_UNIX path too long/],
      [{ socket: "\0abstract" }, /^EINVAL/],
      [{ port: 70_000 }, /^EINVAL/],
    ] as const;
    for (const [address, words] of refusals) {
      const error: unknown = await relay.streams.open(address).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(StreamRefused);
      expect((error as Error).message).toMatch(words);
    }
    expect(relay.streams.count).toBe(0);
  });

  it("waits for a server whose queue is full", async () => {
    const path = join(folder, "full");
    const program = `
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(${JSON.stringify(path)})
s.listen(0)
print("listens", flush=True)
sys.stdin.readline()
while True:
    c = s.accept()[0]
    c.sendall(b"hello")
    c.close()
`;
    const child = spawn("python3", ["-c", program], { stdio: ["pipe", "pipe", "inherit"] });
    await once(child.stdout, "data");
    const opened = Array.from({ length: 5 }, () => relay.streams.open({ socket: path }));
    // One is in the queue: the program has looked at the others too.
    await opened[0];
    child.stdin.write("\n");
    for (const one of opened) {
      const stream = await one;
      expect((await buffer(stream)).toString()).toBe("hello");
      stream.end();
    }
    child.kill();
  });
});

describe.skipIf(noOtherAccount !== undefined)("for another account than the server's", () => {
  it("the relay opens neither sockets nor ports", async () => {
    const other = makeOtherAccount();
    const socket = await listenAtSocket(echo);
    const port = await listenAtPort(echo);
    execFileSync("chmod", ["755", folder]);
    execFileSync("chmod", ["666", socket.socket]);
    const theirs = await startRelayProcess({ python: "/usr/bin/python3", uid: other.uid, gid: other.gid });
    for (const address of [socket, port]) {
      await expect(theirs.streams.open(address)).rejects.toThrow("EACCES it belongs to another account");
    }
    execFileSync("chmod", ["700", folder]);
    await expect(theirs.streams.open(socket)).rejects.toThrow("EACCES Permission denied");
    await theirs.stop();
    await other.dispose();
  });
});

describe("the oldest Python", () => {
  it.skipIf(oldestPython === undefined)("runs the relay", async () => {
    const old = await startRelayProcess({ python: oldestPython ?? "" });
    const address = await listenAtSocket(echo);
    expect(await exchange(await old.streams.open(address), randomBytes(1_000_000))).toBe(true);
    expect(await old.stop()).toBe(0);
  });
});
