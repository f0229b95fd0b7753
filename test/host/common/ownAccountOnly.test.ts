import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { readConnectionTable } from "../../../src/common/account/connectionTable.js";
import { admitOwnAccountOnly } from "../../../src/common/account/ownAccountOnly.js";

/* Our own programs at a server that asks whose each connection is: whatever they speak, and however long that takes. */

let server: Server | undefined;
afterEach(async () => {
  if (!server) return;
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
});

/** A server that answers with the digest of what it was sent. */
async function serve(
  host: string,
  readTable = readConnectionTable,
): Promise<{ port: number; told: boolean }> {
  const made = createServer((incoming, answer) => {
    const hash = createHash("sha256");
    incoming.on("data", (chunk: Buffer) => hash.update(chunk));
    incoming.on("end", () => answer.end(hash.digest("hex")));
  });
  server = made;
  const told = admitOwnAccountOnly(made, { type: "text/plain", body: (reason) => reason }, { readTable });
  made.listen(0, host);
  await once(made, "listening");
  return { port: (made.address() as AddressInfo).port, told: await told };
}

async function ask(host: string, port: number, body: Buffer): Promise<{ status: number; text: string }> {
  const sent = request({ host, port, method: "POST", agent: false });
  sent.end(body);
  const [answer] = (await once(sent, "response")) as [NodeJS.ReadableStream & { statusCode: number }];
  let text = "";
  for await (const chunk of answer) text += String(chunk);
  return { status: answer.statusCode, text };
}

const digest = (body: Buffer) => createHash("sha256").update(body).digest("hex");

describe.skipIf(process.platform !== "linux")("a server for our own account", () => {
  it.each([
    ["IPv4", "127.0.0.1", "127.0.0.1"],
    ["IPv6", "::1", "::1"],
    ["an IPv6 socket to an IPv4 address", "127.0.0.1", "::ffff:127.0.0.1"],
  ])("serves our own programs over %s", async (_name, listenOn, connectTo) => {
    const { port, told } = await serve(listenOn);
    expect(told).toBe(true);
    const body = randomBytes(1_000);
    expect(await ask(connectTo, port, body)).toEqual({ status: 200, text: digest(body) });
  });

  it.each([
    ["127.0.0.1", "ipv4"],
    ["::1", "ipv6"],
  ])("reads the table of %s alone", async (address, expected) => {
    const read: string[] = [];
    const { port } = await serve(address, (which, isEnough) => {
      read.push(which ?? "all");
      return readConnectionTable(which, isEnough);
    });
    read.splice(0);
    expect(await ask(address, port, Buffer.from("x"))).toMatchObject({ status: 200 });
    expect(read).toEqual([expected]);
  });

  it("loses nothing of what is sent while it finds out, with many at once", async () => {
    let readings = 0;
    const { port } = await serve("127.0.0.1", async (which, isEnough) => {
      readings += 1;
      await pause(readings === 1 ? 0 : 30);
      return readConnectionTable(which, isEnough);
    });
    const bodies = Array.from({ length: 100 }, () => randomBytes(300_000));
    const answers = await Promise.all(bodies.map((body) => ask("127.0.0.1", port, body)));
    expect(answers).toEqual(bodies.map((body) => ({ status: 200, text: digest(body) })));
    expect(readings).toBeLessThan(100);
  });

  it("refuses what it cannot find", async () => {
    let table = await readConnectionTable();
    const { port, told } = await serve(
      "127.0.0.1",
      async () => (table = table && (await readConnectionTable())),
    );
    expect(told).toBe(true);
    table = undefined;
    expect(await ask("127.0.0.1", port, Buffer.from("x"))).toMatchObject({ status: 403 });
  });

  it("lets all in, and says so, where the system does not tell", async () => {
    const { port, told } = await serve("127.0.0.1", () => Promise.resolve(undefined));
    expect(told).toBe(false);
    expect(await ask("127.0.0.1", port, Buffer.from("x"))).toMatchObject({ status: 200 });
  });
});
