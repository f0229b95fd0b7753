import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect } from "vitest";
import { it } from "../../support/hostTest.js";
import { type AgentRig, createAgentRig, frameFor, trust } from "../../support/relay/agentRig.js";
import { type Authority, createAuthority } from "../../support/relay/certificates.js";
import { startHttpProxy } from "../../support/relay/httpProxy.js";
import { type Peer, peerKey } from "../../support/relay/peer.js";
import { startSocketIoPeer } from "../../support/relay/socketIoPeer.js";
import { startWebSocketPeer } from "../../support/relay/webSocketPeer.js";
import type { Sshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

let folder: string;
let authority: Authority;
let server: Sshd;
it.beforeAll(async ({ server: host }) => {
  server = host;
  folder = await mkdtemp(join(tmpdir(), "way-out-"));
  authority = createAuthority(folder);
});
afterAll(() => rm(folder, { recursive: true }));

/** Has no address on this machine: only the proxy knows it. */
const name = "main.way-out.invalid";

async function runsACommand(rig: AgentRig, peer: Peer): Promise<void> {
  await trust(rig, server);
  await until("connected", () => rig.relay.status?.link.kind === "connected");
  const { stdout } = await peer.ask(await frameFor(server, "echo through"));
  expect(stdout).toBe("through\n");
}

describe.each([
  ["Socket.IO", startSocketIoPeer, "https"],
  ["WebSocket", startWebSocketPeer, "wss"],
] as const)("over %s", (_name, startPeer, scheme) => {
  it("a main server behind a path is reached, and another path is told from a wrong key", async () => {
    const peer = await startPeer({ prefix: "/relay/v1" });
    for (const end of ["", "/", "/proxy", "/proxy/"]) {
      const rig = await createAgentRig();
      const url = `${peer.url}${end}`;
      await rig.start(peer, { server: { url, proxyId: "proxy-1", apiKey: peerKey } });
      await runsACommand(rig, peer);
      await rig.dispose();
    }
    const lost = await createAgentRig();
    const url = `${peer.url}/elsewhere`;
    await lost.start(peer, { server: { url, proxyId: "proxy-1", apiKey: peerKey } });
    await until("it gave up for now", () => lost.relay.status?.link.kind === "waiting");
    // A plain one is asked for its key before anything else; one of Socket.IO hangs up on what it does not serve.
    const problem = scheme === "wss" ? "unauthorized" : "closed";
    expect(lost.relay.status?.link).toMatchObject({ kind: "waiting", problem });
    await lost.dispose();
    await peer.close();
  }, 60_000);

  it("an HTTP proxy that the environment names leads to it, with the certificate still checked", async () => {
    const peer = await startPeer({ tls: authority.issue(`DNS:${name}`) });
    const proxy = await startHttpProxy({ [name]: peer.port }, "ada:p@ss");
    const rig = await createAgentRig({ HTTPS_PROXY: `http://ada:p%40ss@127.0.0.1:${proxy.port}` });
    const main = { url: `${scheme}://${name}:443`, proxyId: "proxy-1", apiKey: peerKey };
    await rig.start(peer, { server: main, caFile: authority.file });
    await runsACommand(rig, peer);
    expect(new Set(proxy.asked)).toEqual(new Set([`${name}:443`]));
    expect(rig.log.join("\n")).not.toMatch(/p@ss|p%40ss/);
    await rig.dispose();

    const wrong = await createAgentRig({ HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` });
    await wrong.start(peer, { server: main, caFile: authority.file });
    await until("it gave up for now", () => wrong.relay.status?.link.kind === "waiting");
    expect(wrong.relay.status?.link).toMatchObject({ problem: "proxy-login" });
    await wrong.dispose();

    const other = await startPeer({ tls: authority.issue("DNS:another.invalid") });
    const misled = await startHttpProxy({ [name]: other.port });
    const wary = await createAgentRig({ HTTPS_PROXY: `http://127.0.0.1:${misled.port}` });
    await wary.start(peer, { server: main, caFile: authority.file });
    await until("it gave up for now", () => wary.relay.status?.link.kind === "waiting");
    expect(wary.relay.status?.link).toMatchObject({ problem: "certificate-of-another" });
    expect(other.handshakes).toEqual([]);
    await wary.dispose();
    await Promise.all([peer.close(), other.close(), proxy.close(), misled.close()]);
  }, 60_000);

  it("no proxy is asked where NO_PROXY names the main server", async () => {
    const peer = await startPeer({ tls: authority.issue(`DNS:${name}`) });
    const proxy = await startHttpProxy({ [name]: peer.port });
    const address = `http://127.0.0.1:${proxy.port}`;
    const rig = await createAgentRig({ HTTPS_PROXY: address, NO_PROXY: ".way-out.invalid" });
    const main = { url: `${scheme}://${name}:443`, proxyId: "proxy-1", apiKey: peerKey };
    await rig.start(peer, { server: main, caFile: authority.file });
    await until("it gave up for now", () => rig.relay.status?.link.kind === "waiting");
    expect(rig.relay.status?.link).toMatchObject({ problem: "not-found" });
    expect(proxy.asked).toEqual([]);
    await rig.dispose();
    await Promise.all([peer.close(), proxy.close()]);
  });
});
