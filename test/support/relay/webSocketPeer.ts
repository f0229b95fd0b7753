import { WebSocketServer } from "ws";
import { type Caller, type Line, type Peer, type PeerOptions, startPeer } from "./peer.js";

/** A main server that speaks the document's plain WebSocket. */
export function startWebSocketPeer(options: PeerOptions = {}): Promise<Peer> {
  return startPeer({ transport: "websocket", scheme: "ws" }, options, (server, reception) => {
    const webSockets = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024 * 1024 });
    server.on("upgrade", (request, socket, head) => {
      const { pathname, searchParams } = new URL(request.url ?? "", "http://peer");
      const who: Caller = {
        proxyId: searchParams.get("proxyId") ?? "",
        apiKey: searchParams.get("apiKey") ?? "",
      };
      if (pathname !== `${options.prefix ?? ""}/proxy` || !reception.knows(who)) {
        socket.end("HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        return;
      }
      webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        const line: Line = {
          send: (event, data) => webSocket.send(JSON.stringify({ event, data })),
          sendRaw: (data) => webSocket.send(data),
          cut: () => webSocket.terminate(),
        };
        webSocket.on("close", () => reception.left(line));
        webSocket.on("error", () => undefined);
        webSocket.on("message", (text: Buffer) => {
          const { event, data } = JSON.parse(text.toString()) as { event: string; data: unknown };
          if (event === "command_result") reception.result(line, data);
        });
        reception.joined(who, line);
      });
    });
  });
}
