import { Server, type Socket } from "socket.io";
import { until } from "../until.js";
import { createLedger, listen, type Peer, peerKey, type PeerOptions } from "./peer.js";

/** A main server that speaks the document's Socket.IO. */
export async function startSocketIoPeer(options: PeerOptions = {}): Promise<Peer> {
  const { apiKey = peerKey, confirms = () => true } = options;
  const { server, port } = await listen(options);
  const ledger = createLedger(options);
  const sockets = new Set<Socket>();
  const io = new Server(
    server,
    options.pings && { pingInterval: options.pings.interval, pingTimeout: options.pings.timeout },
  );
  const proxies = io.of("/proxy");
  proxies.use((socket, next) => {
    next(socket.handshake.query["apiKey"] === apiKey ? undefined : new Error("who are you?"));
  });
  proxies.on("connection", (socket) => {
    const { proxyId, apiKey: key } = socket.handshake.query;
    ledger.handshakes.push({ proxyId: String(proxyId), apiKey: String(key) });
    sockets.add(socket);
    options.onAgent?.();
    socket.on("disconnect", () => sockets.delete(socket));
    socket.on("command_result", (data: unknown, acknowledge: (...answer: unknown[]) => void) => {
      if (options.acknowledgement) acknowledge(...options.acknowledgement);
      const id = ledger.note(data);
      if (confirms(id)) socket.emit("command_result_received", { success: true });
    });
  });
  const emit = (event: string, data: unknown): void => void proxies.emit(event, data);
  return {
    transport: "socket.io",
    url: `${options.tls ? "https" : "http"}://127.0.0.1:${port}`,
    port,
    handshakes: ledger.handshakes,
    results: ledger.results,
    get connected() {
      return sockets.size > 0;
    },
    agent: () => until("an agent connects", () => sockets.size > 0),
    execute: (frame) => emit("execute_command", frame),
    emit,
    sendRaw: () => {
      throw new Error("a plain WebSocket only");
    },
    ask: (frame) => {
      emit("execute_command", frame);
      return ledger.wait(String(frame["commandId"]));
    },
    resultOf: ledger.resultOf,
    cut: () => io.engine.close(),
    close: async () => {
      await io.close();
      server.closeAllConnections();
    },
  };
}
