import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openFaultyLink } from "../../support/faultyLink.js";
import { processesNaming } from "../../support/processes.js";
import { createAgentRig, frameFor, trust } from "../../support/relay/agentRig.js";
import { type LastingServer, startLastingServer } from "../../support/relay/lastingServer.js";
import { type Frame, peerKey } from "../../support/relay/peer.js";
import { startSocketIoPeer } from "../../support/relay/socketIoPeer.js";
import { startWebSocketPeer } from "../../support/relay/webSocketPeer.js";
import { type Sshd, startSshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

/* Whatever breaks, a command has one effect and its result arrives. `npm run test:relay-faults` takes many rounds. */

const rounds = Number(process.env["RELAY_FAULT_ROUNDS"] ?? 8);
const testTimeout = 60_000 + rounds * 15_000;

let host: Sshd;
/** Each command leaves a line in a file of its own here. */
let effects: string;
beforeAll(async () => {
  host = await startSshd();
});
afterAll(() => host.stop());
beforeEach(async () => {
  effects = await mkdtemp(join(tmpdir(), "effects-"));
  return () => rm(effects, { recursive: true, force: true });
});

let count = 0;

/** @param then what the command does after its effect. */
async function command(then = ":"): Promise<Frame & { readonly commandId: string }> {
  const commandId = `c${(count += 1)}`;
  const frame = await frameFor(host, `echo done >> '${effects}/${commandId}'; ${then}; echo ${commandId}`);
  return { ...frame, commandId };
}

async function effectsOf(id: string): Promise<number> {
  return (await readFile(join(effects, id), "utf8").catch(() => "")).split("\n").length - 1;
}

async function expectOneEffectEach(server: LastingServer, ids: readonly string[]): Promise<void> {
  const found = await Promise.all(
    ids.map(async (id) => ({ id, effects: await effectsOf(id), result: server.resultOf(id) })),
  );
  expect(found).toEqual(
    ids.map((id) => ({ id, effects: 1, result: { stdout: `${id}\n`, stderr: "", exitCode: 0 } })),
  );
}

describe.each([
  ["Socket.IO", startSocketIoPeer],
  ["WebSocket", startWebSocketPeer],
] as const)("over %s, every command has one effect and its result arrives", (_name, startPeer) => {
  it(
    `while the main server is killed and comes back ${rounds} times`,
    async () => {
      // One result in three is not confirmed, and must come again.
      const server = await startLastingServer(startPeer, { confirms: () => Math.random() > 0.33 });
      const rig = await createAgentRig();
      await trust(rig, host);
      await rig.relay.start({
        server: { url: server.url, proxyId: "proxy-1", apiKey: peerKey },
        allowedHosts: ["127.0.0.1"],
        reconnectInterval: 20,
      });
      const ids: string[] = [];
      for (let round = 0; round < rounds; round += 1) {
        await server.agent();
        const frames = await Promise.all([1, 2, 3, 4, 5].map(() => command()));
        ids.push(...frames.map(({ commandId }) => commandId));
        server.execute(...frames);
        // The moment of the fault, not a wait: anywhere between the frames and the results.
        await delay(Math.random() * 60);
        await server.die();
      }
      await server.settled();
      await expectOneEffectEach(server, ids);
      expect(rig.relay.status?.counters).toMatchObject({ received: ids.length, done: ids.length });
      await rig.dispose();
      await server.close();
    },
    testTimeout,
  );

  it(
    "while connections become half-open without a sign",
    async () => {
      const server = await startLastingServer(startPeer, { pings: { interval: 150, timeout: 150 } });
      const link = await openFaultyLink(server.port);
      const rig = await createAgentRig();
      await trust(rig, host);
      const url = server.url.replace(String(server.port), String(link.port));
      await rig.relay.start({
        server: { url, proxyId: "proxy-1", apiKey: peerKey },
        allowedHosts: ["127.0.0.1"],
        reconnectInterval: 20,
        heartbeat: 300,
      });
      const ids: string[] = [];
      for (let round = 0; round < Math.min(rounds, 20); round += 1) {
        const isConnected = (): boolean => rig.relay.status?.link.kind === "connected";
        await until("the agent is connected", isConnected);
        const frames = await Promise.all([1, 2, 3].map(() => command("sleep 0.1")));
        ids.push(...frames.map(({ commandId }) => commandId));
        server.execute(...frames);
        await until("they are running", () => (rig.relay.status?.running ?? 0) > 0);
        link.halfOpen();
        await until("the agent notices", () => !isConnected());
      }
      await server.settled();
      await expectOneEffectEach(server, ids);
      await rig.dispose();
      await link.close();
      await server.close();
    },
    testTimeout,
  );

  it(
    "while its agent is killed; what was running is ended, answered and not run again",
    async () => {
      execFileSync(process.execPath, ["esbuild.mjs"]);
      const server = await startLastingServer(startPeer);
      const data = await mkdtemp(join(tmpdir(), "relay-"));
      await writeFile(join(data, "key"), peerKey);
      const killed: string[] = [];
      const quick: string[] = [];
      for (let round = 0; round < Math.min(rounds, 20) / 4; round += 1) {
        const agent = startAgent(server.url, data);
        await server.agent();
        const long = await Promise.all([1, 2, 3].map(() => command("sleep 300")));
        const waiting = await Promise.all([1, 2, 3].map(() => command()));
        server.execute(...long);
        await until(
          "all have begun",
          async () => (await readdir(effects)).length === quick.length + killed.length + 3,
        );
        server.execute(...waiting);
        killed.push(...long.map(({ commandId }) => commandId));
        quick.push(...waiting.map(({ commandId }) => commandId));
        agent.kill("SIGKILL");
        await once(agent, "exit");
        const next = startAgent(server.url, data);
        await server.settled();
        for (const id of killed) {
          expect(await effectsOf(id)).toBe(1);
          expect(server.resultOf(id)).toMatchObject({ stdout: "", exitCode: 1 });
          expect(server.resultOf(id)?.stderr).toContain("The relay agent ended while the command ran.");
        }
        await until("nothing of it runs", async () => (await processesNaming(`${effects}/`)).length === 0);
        next.kill("SIGTERM");
        await once(next, "exit");
      }
      await expectOneEffectEach(server, quick);
      await rm(data, { recursive: true });
      await server.close();
    },
    testTimeout,
  );
});

/** Three commands at once: the others wait. */
function startAgent(url: string, data: string): ChildProcess {
  const to = ["--url", url, "--proxy-id", "proxy-1", "--api-key-file", join(data, "key"), "--data", data];
  const may = ["--allow-host", "127.0.0.1", "--accept-host-key", host.hostKey.fingerprint, "--limit", "3"];
  return spawn(process.execPath, ["dist/headless.js", "relay", ...to, ...may], { stdio: "ignore" });
}
