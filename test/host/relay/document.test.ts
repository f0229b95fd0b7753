import { runInNewContext } from "node:vm";
import { io } from "socket.io-client";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { blocksOf, readDocument, withoutDocuments } from "../../conformance/documents.js";
import { type Frame, type Peer, peerKey } from "../../support/relay/peer.js";
import { mainServers, relayTest } from "../../support/relay/relayTest.js";
import { startSocketIoPeer } from "../../support/relay/socketIoPeer.js";
import { startWebSocketPeer } from "../../support/relay/webSocketPeer.js";
import { canCheckPasswords } from "../../support/pam.js";
import { startSshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

/* The examples of the document, as they stand there. Without the document there is nothing to test. */

if (withoutDocuments !== undefined) console.warn(withoutDocuments);
const blocks = blocksOf(readDocument("relay-agent-api-v1.0.zh.md"));
const examples = (wanted: string): string[] =>
  blocks.filter(({ language }) => language === wanted).map(({ text }) => text);

/** Of Socket.IO, or a plain WebSocket. */
interface Client {
  readonly connected?: boolean;
  readonly readyState?: number;
  close(): void;
}

describe.skipIf(withoutDocuments !== undefined)("the examples of the documentation", () => {
  const [request, answer, received, failure] = examples("json").map((body) => JSON.parse(body) as Frame);
  const password = String(request?.["password"]);

  describe.each(mainServers)("over %s", (_name, startPeer) => {
    const it = relayTest({
      startPeer,
      startHost: () => startSshd(canCheckPasswords ? { password } : {}),
      // This main server confirms only when the test sends the document's own confirmation.
      confirms: () => false,
    });

    it("the request, to a host that is not allowed, is answered in the form of the failure", async ({
      peer,
    }) => {
      const result = await peer.ask(request ?? {});
      const expected = failure?.["result"] as object;
      expect(Object.keys(result).sort()).toEqual(Object.keys(expected).sort());
      expect(result).toMatchObject({ ...expected, stderr: result.stderr });
      expect(result.stderr).toContain(request?.["host"]);
      expect(peer.results.at(-1)?.id).toBe(failure?.["commandId"]);
    });

    it.skipIf(!canCheckPasswords)(
      "the request is run, and answered in the form of the answer",
      async ({ host, peer }) => {
        const { host: address, port, user: username } = host;
        const there = { ...request, commandId: "cmd_1620000000000_abc124", host: address, port, username };
        const result = await peer.ask(there);
        const expected = answer?.["result"] as object;
        expect(Object.keys(result).sort()).toEqual(Object.keys(expected).sort());
        expect(result).toMatchObject({ stderr: "", exitCode: 0 });
        // `ls -la` of the root folder, as the document's own implementation has it.
        expect(result.stdout).toMatch(/^total \d+\n.* \.\n.* \.\.\n[^]* etc\n/);
      },
    );

    it("the acknowledgement acknowledges one result at a time", async ({ peer, rig }) => {
      const open = () => rig.relay.status?.unacknowledged ?? 0;
      const before = open();
      expect(before).toBe(peer.results.length);
      for (let left = before - 1; left >= 0; left -= 1) {
        peer.emit("command_result_received", received);
        await until("one more is confirmed", () => open() === left);
      }
    });
  });

  it("both connections of the client are accepted by our main servers, only with that key", async () => {
    const [code = ""] = examples("javascript");
    const [socketIo = "", plain = ""] = code.split("// 原生WebSocket");
    const key = /apiKey: "([^"]+)"/.exec(code)?.[1] ?? "";
    const peers = [await startSocketIoPeer({ apiKey: key }), await startWebSocketPeer({ apiKey: key })];
    // The document's own code, which names these three.
    const evaluate = (body: string, serverUrl: string): Client =>
      runInNewContext(`${body}; socket`, { io, WebSocket, serverUrl }) as Client;
    for (const [index, body] of [socketIo, plain].entries()) {
      const peer = peers[index] as Peer;
      const socket = evaluate(body, peer.url);
      await peer.agent();
      expect(peer.handshakes).toEqual([{ proxyId: "proxy-1", apiKey: key }]);
      // The server accepts it first. Closing it before it knows would be an error.
      await until("it is open", () => socket.connected ?? socket.readyState === WebSocket.OPEN);
      socket.close();
      await peer.close();
    }
    // Whoever uses the document's key is told that it is too short.
    expect(key.length).toBeLessThan(32);
    expect(peerKey.length).toBeGreaterThanOrEqual(32);
  });
});
