import { setTimeout as delay } from "node:timers/promises";
import { describe, expect } from "vitest";
import { openFaultyLink } from "../../support/faultyLink.js";
import { trust } from "../../support/relay/agentRig.js";
import type { Effects } from "../../support/relay/effects.js";
import { type LastingServer, startLastingServer } from "../../support/relay/lastingServer.js";
import { peerKey } from "../../support/relay/peer.js";
import { it, mainServers } from "../../support/relay/relayTest.js";
import { until } from "../../support/until.js";

/* Whatever breaks, a command has one effect and its result arrives. `npm run test:relay-faults` takes many rounds. */

const rounds = Number(process.env["RELAY_FAULT_ROUNDS"] ?? 8);
const testTimeout = 60_000 + rounds * 15_000;

async function expectOneEffectEach(
  effects: Effects,
  server: LastingServer,
  ids: readonly string[],
): Promise<void> {
  const found = await Promise.all(
    ids.map(async (id) => ({ id, happened: await effects.of(id), result: server.resultOf(id) })),
  );
  expect(found).toEqual(
    ids.map((id) => ({ id, happened: 1, result: { stdout: `${id}\n`, stderr: "", exitCode: 0 } })),
  );
}

describe.each(mainServers)("over %s, every command has one effect and its result arrives", (_, startPeer) => {
  it(
    `while the main server is killed and comes back ${rounds} times`,
    async ({ server: host, rig, effects }) => {
      // One result in three is not confirmed, and must come again.
      const server = await startLastingServer(startPeer, { confirms: () => Math.random() > 0.33 });
      await trust(rig, host);
      await rig.start(server, { reconnectInterval: 20 });
      const ids: string[] = [];
      for (let round = 0; round < rounds; round += 1) {
        await server.agent();
        const frames = await Promise.all([1, 2, 3, 4, 5].map(() => effects.command()));
        ids.push(...frames.map(({ commandId }) => commandId));
        server.execute(...frames);
        // The moment of the fault, not a wait: anywhere between the frames and the results.
        await delay(Math.random() * 60);
        await server.die();
      }
      await server.settled();
      await expectOneEffectEach(effects, server, ids);
      expect(rig.relay.status?.counters).toMatchObject({ received: ids.length, done: ids.length });
      await server.close();
    },
    testTimeout,
  );

  it(
    "while connections become half-open without a sign",
    async ({ server: host, rig, effects }) => {
      const server = await startLastingServer(startPeer, { pings: { interval: 150, timeout: 150 } });
      const link = await openFaultyLink(server.port);
      await trust(rig, host);
      const url = server.url.replace(String(server.port), String(link.port));
      await rig.start({ url }, { reconnectInterval: 20, heartbeat: 300 });
      const ids: string[] = [];
      for (let round = 0; round < Math.min(rounds, 20); round += 1) {
        const isConnected = (): boolean => rig.relay.status?.link.kind === "connected";
        await until("the agent is connected", isConnected);
        const frames = await Promise.all([1, 2, 3].map(() => effects.command("sleep 0.1")));
        ids.push(...frames.map(({ commandId }) => commandId));
        server.execute(...frames);
        await until("they are running", () => (rig.relay.status?.running ?? 0) > 0);
        link.halfOpen();
        await until("the agent notices", () => !isConnected());
      }
      await server.settled();
      await expectOneEffectEach(effects, server, ids);
      await link.close();
      await server.close();
    },
    testTimeout,
  );

  it(
    "while bytes vanish in both directions for longer than the agent waits for a sign of life",
    async ({ server: host, rig, effects }) => {
      const server = await startLastingServer(startPeer, { pings: { interval: 150, timeout: 150 } });
      const link = await openFaultyLink(server.port);
      await trust(rig, host);
      await rig.relay.start({
        server: {
          url: server.url.replace(String(server.port), String(link.port)),
          proxyId: "proxy-1",
          apiKey: peerKey,
        },
        allowedHosts: ["127.0.0.1"],
        reconnectInterval: 20,
        heartbeat: 300,
      });
      const ids: string[] = [];
      for (let round = 0; round < Math.min(rounds, 20) / 4; round += 1) {
        await until("the agent is connected", () => rig.relay.status?.link.kind === "connected");
        const frames = await Promise.all([1, 2, 3].map(() => effects.command("sleep 0.3")));
        ids.push(...frames.map(({ commandId }) => commandId));
        server.execute(...frames);
        await until("all have arrived", () => rig.relay.status?.counters.received === ids.length);
        link.blackHole();
        await until("the agent notices", () => rig.relay.status?.link.kind !== "connected");
        await until("all have ended", () => rig.relay.status?.counters.done === ids.length);
        expect(frames.filter(({ commandId }) => server.resultOf(commandId))).toEqual([]);
        link.heal();
        // Only the try that hangs: in ten seconds it would end by itself.
        link.cut();
        await server.settled();
      }
      await expectOneEffectEach(effects, server, ids);
      expect(rig.relay.status?.counters).toMatchObject({ received: ids.length, done: ids.length });
      await link.close();
      await server.close();
    },
    testTimeout,
  );
});
