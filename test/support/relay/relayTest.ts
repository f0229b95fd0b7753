/* eslint-disable no-empty-pattern -- Vitest reads from the pattern which fixtures a fixture needs. */
import { afterAll, beforeAll, test, type TestAPI } from "vitest";
import { it as hostTest } from "../hostTest.js";
import { type Sshd, startSshd } from "../sshd.js";
import { type AgentRig, createAgentRig, linkAgent } from "./agentRig.js";
import { countEffects, type Effects } from "./effects.js";
import type { Peer, PeerOptions } from "./peer.js";
import { startSocketIoPeer } from "./socketIoPeer.js";
import { startWebSocketPeer } from "./webSocketPeer.js";

/** For `describe.each`: a main server of each kind. */
export const mainServers = [
  ["Socket.IO", startSocketIoPeer],
  ["WebSocket", startWebSocketPeer],
] as const;

/** What a test of an agent that it starts itself may ask for. They are its own. */
export interface AgentFixtures {
  /** An agent that is not started, and knows no host. */
  readonly rig: AgentRig;
  /** Commands that count their effects on `server`, the OpenSSH server of the file. */
  readonly effects: Effects;
}

/** Tests that start and end agents: `it("…", async ({ rig, server }) => …)`, with what host tests have. */
export const it = hostTest.extend<AgentFixtures>({
  rig: async ({}, use) => {
    const rig = await createAgentRig();
    await use(rig);
    await rig.dispose();
  },
  effects: async ({ server }, use) => {
    const effects = await countEffects(server);
    await use(effects);
    await effects.dispose();
  },
});

/** What a test of an agent that is at work may ask for. All tests of a `describe` have the same. */
export interface RelayFixtures {
  readonly host: Sshd;
  /** The main server. */
  readonly peer: Peer;
  /** The agent, which is connected to `peer` and knows the key of `host`. */
  readonly rig: AgentRig;
}

export interface RelayTestOptions extends PeerOptions {
  /** Default: a plain WebSocket's. */
  readonly startPeer?: (options: PeerOptions) => Promise<Peer>;
  /** Default: a server with an empty home. */
  readonly startHost?: () => Promise<Sshd>;
}

/**
 * Tests of an agent at work: `const it = relayTest({ startPeer })`, then `it("…", async ({ host, peer }) => …)`. It is there
 * before the first test of the `describe` that this is called in, and gone after the last.
 */
export function relayTest({
  startPeer = startWebSocketPeer,
  startHost = startSshd,
  ...options
}: RelayTestOptions): TestAPI<RelayFixtures> {
  const ends: (() => Promise<void>)[] = [];
  let relay: RelayFixtures;
  beforeAll(async () => {
    const host = await startHost();
    ends.push(() => host.stop());
    const peer = await startPeer(options);
    ends.push(() => peer.close());
    const rig = await linkAgent(peer, host);
    ends.push(() => rig.dispose());
    relay = { host, peer, rig };
  });
  afterAll(async () => {
    for (const end of ends.reverse()) await end();
  });
  return test.extend<RelayFixtures>({
    host: ({}, use) => use(relay.host),
    peer: ({}, use) => use(relay.peer),
    rig: ({}, use) => use(relay.rig),
  });
}
