import { once } from "node:events";
import { type WebSocket, WebSocketServer } from "ws";
import { until } from "../until.js";
import { createLedger, listen, type Peer, peerKey, type PeerOptions } from "./peer.js";

/** A main server that speaks the document's plain WebSocket. */
export async function startWebSocketPeer(options: PeerOptions = {}): Promise<Peer> {
  const { apiKey = peerKey, confirms = () => true } = options;
  const { server, port } = await listen(options);
  const ledger = createLedger(options);
  const sockets = new Set<WebSocket>();
  const peer = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024 * 1024 });
  server.on("upgrade", (request, socket, head) => {
    const url = new URL(request.url ?? "", "http://peer");
    const given = {
      proxyId: url.searchParams.get("proxyId") ?? "",
      apiKey: url.searchParams.get("apiKey") ?? "",
    };
    if (url.pathname !== "/proxy" || given.apiKey !== apiKey) {
      socket.end("HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    peer.handleUpgrade(request, socket, head, (webSocket) => {
      ledger.handshakes.push(given);
      sockets.add(webSocket);
      webSocket.on("close", () => sockets.delete(webSocket));
      webSocket.on("error", () => undefined);
      webSocket.on("message", (data) => {
        const { event, data: body } = JSON.parse((data as Buffer).toString()) as {
          event: string;
          data: unknown;
        };
        if (event !== "command_result") return;
        const id = ledger.note(body);
        if (confirms(id))
          webSocket.send(JSON.stringify({ event: "command_result_received", data: { success: true } }));
      });
      options.onAgent?.();
    });
  });
  const sendRaw = (data: string | Buffer): void => {
    for (const socket of sockets) socket.send(data);
  };
  const emit = (event: string, data: unknown): void => sendRaw(JSON.stringify({ event, data }));
  return {
    transport: "websocket",
    url: `${options.tls ? "wss" : "ws"}://127.0.0.1:${port}`,
    port,
    handshakes: ledger.handshakes,
    results: ledger.results,
    get connected() {
      return sockets.size > 0;
    },
    agent: () => until("an agent connects", () => sockets.size > 0),
    execute: (frame) => emit("execute_command", frame),
    emit,
    sendRaw,
    ask: (frame) => {
      emit("execute_command", frame);
      return ledger.wait(String(frame["commandId"]));
    },
    resultOf: ledger.resultOf,
    cut: () => {
      for (const socket of sockets) socket.terminate();
    },
    close: async () => {
      for (const socket of sockets) socket.terminate();
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
