import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { createAgentRig, linkAgent } from "../../support/relay/agentRig.js";
import { peerKey } from "../../support/relay/peer.js";
import { startSocketIoPeer } from "../../support/relay/socketIoPeer.js";
import { startWebSocketPeer } from "../../support/relay/webSocketPeer.js";
import { until } from "../../support/until.js";

/* A main server that is careless, or not the one that it seems to be. */

it.each([
  ["Socket.IO", startSocketIoPeer],
  ["WebSocket", startWebSocketPeer],
] as const)(
  "a frame over %s that is longer than any command cuts the connection",
  async (_name, startPeer) => {
    const peer = await startPeer();
    const rig = await linkAgent(peer);
    peer.emit("x", "x".repeat(9 * 1024 * 1024));
    await until("the agent comes again", () => peer.handshakes.length === 2);
    expect(rig.log.join("\n")).not.toContain("dropped an event");
    await rig.dispose();
    await peer.close();
  },
);

/** Resolves when the agent has come twenty times to a server that answers in this way and hangs up. */
async function meet(answer: (request: IncomingMessage) => Buffer): Promise<void> {
  let connections = 0;
  const server = createServer().on("upgrade", (request, socket) => {
    connections += 1;
    socket.on("error", () => undefined);
    socket.end(answer(request));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const rig = await createAgentRig();
  await rig.relay.start({
    server: { url: `ws://127.0.0.1:${port}`, proxyId: "proxy-1", apiKey: peerKey },
    allowedHosts: [],
    reconnectInterval: 1,
  });
  await until("the agent has come twenty times", () => connections >= 20);
  await rig.dispose();
  server.close();
}

it.each([
  // No frame begins with these bits.
  ["and what is no frame", Buffer.from([0xff, 0xff])],
  ["and the goodbye", Buffer.from([0x88, 0x00])],
  ["and nothing", Buffer.alloc(0)],
])("a WebSocket that begins and ends at once, with its answer %s, is opened again", async (_name, frame) => {
  await meet(({ headers }) => {
    const accept = createHash("sha1")
      .update(`${headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest("base64");
    const head = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
    const answer = [...head, `Sec-WebSocket-Accept: ${accept}`, "", ""].join("\r\n");
    return Buffer.concat([Buffer.from(answer), frame]);
  });
});

it("a WebSocket that is refused again and again leaves nothing behind for each try", async () => {
  const warnings: string[] = [];
  const onWarning = ({ message }: Error): void => void warnings.push(message);
  process.on("warning", onWarning);
  await meet(() => Buffer.from("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"));
  process.off("warning", onWarning);
  expect(warnings).toEqual([]);
});

describe("a Socket.IO acknowledgement", () => {
  it.each<[acknowledgement: unknown[], unconfirmed: number]>([
    [[{ success: true }], 0],
    [[{ success: false }], 2],
    [[{ success: "true" }], 2],
    [[{}], 2],
    [[true], 2],
    [[null], 2],
    [[], 2],
  ])("of %j leaves %i of two results unconfirmed", async (acknowledgement, unconfirmed) => {
    const peer = await startSocketIoPeer({ acknowledgement, confirms: () => false });
    const rig = await linkAgent(peer);
    await peer.ask({ commandId: "a" });
    await peer.ask({ commandId: "b" });
    // Behind every acknowledgement.
    peer.emit("x", {});
    await until("all was read", () => rig.log.some((line) => line.includes("dropped an event")));
    expect(rig.relay.status?.unacknowledged).toBe(unconfirmed);
    await rig.dispose();
    await peer.close();
  });
});
