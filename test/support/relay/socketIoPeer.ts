import { Server, type Socket } from "socket.io";
import { type Caller, type Line, type Peer, type PeerOptions, startPeer } from "./peer.js";

/** A main server that speaks the document's Socket.IO. */
export function startSocketIoPeer(options: PeerOptions = {}): Promise<Peer> {
  const { acknowledgement, pings, prefix = "" } = options;
  return startPeer({ transport: "socket.io", scheme: "http" }, options, (server, reception) => {
    const io = new Server(server, {
      path: `${prefix}/socket.io/`,
      ...(pings && { pingInterval: pings.interval, pingTimeout: pings.timeout }),
    });
    const proxies = io.of("/proxy");
    proxies.use((socket, next) => {
      next(reception.knows(callerOf(socket)) ? undefined : new Error("who are you?"));
    });
    proxies.on("connection", (socket) => {
      const line: Line = {
        send: (event, data) => void socket.emit(event, data),
        sendRaw: () => {
          throw new Error("a plain WebSocket only");
        },
        cut: () => socket.conn.close(true),
      };
      socket.on("disconnect", () => reception.left(line));
      socket.on("command_result", (data: unknown, acknowledge: (...answer: unknown[]) => void) => {
        if (acknowledgement) acknowledge(...acknowledgement);
        reception.result(line, data);
      });
      reception.joined(callerOf(socket), line);
    });
  });
}

function callerOf({ handshake: { query } }: Socket): Caller {
  return { proxyId: String(query["proxyId"]), apiKey: String(query["apiKey"]) };
}
