import { describe, expect, it } from "vitest";
import { createAgentRig } from "../../support/relay/agentRig.js";
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
    const rig = await createAgentRig();
    await rig.start(peer);
    await peer.agent();
    peer.emit("x", "x".repeat(9 * 1024 * 1024));
    await until("the agent comes again", () => peer.handshakes.length === 2);
    expect(rig.log.join("\n")).not.toContain("dropped an event");
    await rig.dispose();
    await peer.close();
  },
);

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
    const rig = await createAgentRig();
    await rig.start(peer);
    await peer.agent();
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
