import { afterAll, describe, expect } from "vitest";
import type { TestApi } from "../../support/api.js";
import { it } from "../../support/hostTest.js";
import { frameFor } from "../../support/relay/agentRig.js";
import { type Peer, peerKey } from "../../support/relay/peer.js";
import { startWebSocketPeer } from "../../support/relay/webSocketPeer.js";
import type { Sshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

describe("GET /api/relay/status", () => {
  let api: TestApi;
  let peer: Peer;
  let host: Sshd;
  it.beforeAll(async ({ server, strangerApi }) => {
    [api, peer, host] = [strangerApi, await startWebSocketPeer(), server];
    await api.app.knownHosts.add(`[${host.host}]:${host.port}`, host.hostKey);
  });
  afterAll(() => peer.close());

  const status = async () => (await api.request("GET", "/api/relay/status")).body;

  it("says that no agent runs", async () => {
    expect(await status()).toEqual({ running: false, agent: null });
  });

  it("tells counters, latencies and the last commands of the one that runs, not their text or secrets", async () => {
    await api.app.relay.start({
      server: { url: peer.url, proxyId: "proxy-1", apiKey: peerKey },
      allowedHosts: ["127.0.0.1"],
      keepCommands: true,
    });
    await peer.agent();
    await peer.ask(await frameFor(host, "echo canary", { commandId: "a" }));
    await peer.ask(await frameFor(host, "exit 3", { commandId: "b" }));
    await peer.ask(await frameFor(host, "echo canary", { commandId: "c", host: "10.0.0.1" }));
    await until("all is confirmed", () => api.app.relay.status?.unacknowledged === 0);
    const { running, agent } = await status();
    expect(running).toBe(true);
    expect(agent).toMatchObject({
      url: peer.url,
      proxyId: "proxy-1",
      transport: "websocket",
      link: { state: "connected", since: expect.any(Number), nextTry: null, problem: null },
      counters: {
        received: 3,
        running: 0,
        waiting: 0,
        done: 2,
        failed: 0,
        refused: 1,
        resent: 0,
        unconfirmed: 0,
      },
      sshConnections: 1,
    });
    expect(agent.latency.counts).toHaveLength(agent.latency.boundsMs.length + 1);
    expect(agent.latency.counts.reduce((sum: number, count: number) => sum + count)).toBe(3);
    expect(agent.recent).toMatchObject([
      { commandId: "c", host: "10.0.0.1", outcome: "refused", exitCode: 1 },
      { commandId: "b", host: "127.0.0.1", outcome: "done", exitCode: 3 },
      { commandId: "a", host: "127.0.0.1", outcome: "done", exitCode: 0 },
    ]);
    expect(JSON.stringify(agent)).not.toMatch(/canary|PRIVATE KEY/);
    expect(JSON.stringify(agent)).not.toContain(peerKey);
  });

  it("tells why there is no way to the main server, and when the next try is", async () => {
    await peer.close();
    await until("the agent noticed", () => api.app.relay.status?.link.kind === "waiting");
    const { agent } = await status();
    expect(agent.link).toMatchObject({
      state: "waiting",
      since: null,
      problem: expect.stringMatching(/closed|refused/),
    });
    expect(agent.link.nextTry).toBeGreaterThan(Date.now() - 60_000);
    peer = await startWebSocketPeer({ port: peer.port });
  });
});
