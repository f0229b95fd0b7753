import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { type Authority, createAuthority } from "../../support/relay/certificates.js";
import { peerKey } from "../../support/relay/peer.js";
import { it, mainServers } from "../../support/relay/relayTest.js";
import { until } from "../../support/until.js";

let folder: string;
let authority: Authority;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "relay-tls-"));
  authority = createAuthority(folder);
});
afterAll(() => rm(folder, { recursive: true }));

describe.each(mainServers)("a main server with TLS, over %s", (_name, startPeer) => {
  it("is trusted when its authority is named", async ({ rig }) => {
    const peer = await startPeer({ tls: authority.issue("IP:127.0.0.1") });
    await rig.start(peer, { caFile: authority.file });
    await until("the agent is connected", () => rig.relay.status?.link.kind === "connected");
    expect(peer.handshakes).toHaveLength(1);
    await peer.close();
  });

  it.for([
    {
      what: "whose authority nobody named",
      name: "IP:127.0.0.1",
      days: 2,
      named: false,
      problem: "certificate",
    },
    {
      what: "for another address",
      name: "IP:10.0.0.1",
      days: 2,
      named: true,
      problem: "certificate-of-another",
    },
    { what: "for a name", name: "DNS:main.example", days: 2, named: true, problem: "certificate-of-another" },
    { what: "that has expired", name: "IP:127.0.0.1", days: -1, named: true, problem: "certificate-expired" },
  ])(
    "with a certificate $what hears nothing of us, and its agent says why",
    async ({ name, days, named, problem }, { rig }) => {
      const peer = await startPeer({ tls: authority.issue(name, days) });
      await rig.start(peer, named ? { caFile: authority.file } : {});
      await until("the agent gave up for now", () => rig.relay.status?.link.kind === "waiting");
      expect(rig.relay.status?.link).toMatchObject({ kind: "waiting", problem });
      expect(peer.handshakes).toEqual([]);
      expect(rig.log.join("\n")).not.toContain(peerKey);
      await peer.close();
    },
  );
});

describe("an agent", () => {
  it.for([
    ["a short key", { apiKey: "k".repeat(31) }, "relay-key-too-short"],
    ["ws:// to another machine", { url: "ws://main.example" }, "relay-url-insecure"],
    ["http:// to another machine", { url: "http://10.0.0.1" }, "relay-url-insecure"],
  ] as const)("does not start with %s", async ([, wrong, code], { rig }) => {
    const server = { url: "https://main.example", proxyId: "proxy-1", apiKey: peerKey, ...wrong };
    const error: unknown = await rig.relay
      .start({ server, allowedHosts: [] })
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "Failure", detail: { code } });
    expect(rig.relay.status).toBeUndefined();
  });
});
