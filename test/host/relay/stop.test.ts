import { describe, expect } from "vitest";
import { type AgentRig, frameFor, trust } from "../../support/relay/agentRig.js";
import type { Peer } from "../../support/relay/peer.js";
import { it, mainServers } from "../../support/relay/relayTest.js";
import type { Sshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

/* What a person's stop owes to the main server. */

describe.each(mainServers)("an agent that is stopped while commands run, over %s", (_name, startPeer) => {
  async function running(rig: AgentRig, peer: Peer, host: Sshd): Promise<string[]> {
    await rig.start(peer, { reconnectInterval: 20 });
    await peer.agent();
    const frames = await Promise.all([1, 2, 3].map(() => frameFor(host, "sleep 300")));
    for (const frame of frames) peer.execute(frame);
    await until("they run", () => rig.relay.status?.running === frames.length);
    return frames.map(({ commandId }) => String(commandId));
  }
  const openIn = (peer: Peer, ids: readonly string[]): string[] =>
    ids.filter((id) => !peer.resultOf(id)?.stderr.startsWith("The relay agent was stopped."));

  it("has told the server of each before it goes, twenty times", async ({ rig, server }) => {
    await trust(rig, server);
    for (let round = 0; round < 20; round += 1) {
      const peer = await startPeer();
      const ids = await running(rig, peer, server);
      await rig.relay.stop();
      await until("the agent is gone", () => !peer.connected);
      expect(openIn(peer, ids)).toEqual([]);
      await peer.close();
    }
  });

  it("goes without the server, and the next agent tells it", async ({ rig, server }) => {
    await trust(rig, server);
    const gone = await startPeer();
    const ids = await running(rig, gone, server);
    await gone.close();
    await rig.relay.stop();
    expect(openIn(gone, ids)).toEqual(ids);
    const peer = await startPeer({ port: gone.port });
    await rig.start(peer);
    await until("every result", () => openIn(peer, ids).length === 0);
    await peer.close();
  });

  it("does not wait for ever for a server that confirms nothing", async ({ rig, server }) => {
    await trust(rig, server);
    const peer = await startPeer({ confirms: () => false });
    const ids = await running(rig, peer, server);
    await rig.relay.stop();
    await until("the agent is gone", () => !peer.connected);
    expect(openIn(peer, ids)).toEqual([]);
    await peer.close();
  });
});
