import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { Failure } from "../common/failure.js";
import type { Carrier } from "./carrier.js";
import type { TunnelFailure } from "./tunnel.js";

/** A browser opens many connections at once: the default of a few would make some wait a second for a retry. */
const backlog = 511;

/**
 * A port on 127.0.0.1 that stays, whatever carries its bytes. Bound once: nobody else can get it while a carrier is
 * replaced.
 */
export interface LocalPort {
  readonly port: number;
  /** What carries the connections that come from now on. Those under way stay with theirs. */
  carrier: Carrier | undefined;
  /** Resets what is under way: a clean end would make a truncated answer look whole. */
  resetAll(): void;
  /** Resolves when the port is free again and every connection is gone. */
  close(): Promise<void>;
}

/**
 * @param wanted one that is taken is a failure, never silently another. Default: any free one.
 * @param answerMeanwhile gets each connection that comes while there is no carrier.
 * @throws Failure `local-port-taken`
 */
export async function openLocalPort(
  wanted: number | undefined,
  answerMeanwhile: (socket: Socket) => void,
): Promise<LocalPort> {
  const sockets = new Set<Socket>();
  let carrier: Carrier | undefined;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => undefined);
    socket.once("close", () => sockets.delete(socket));
    if (carrier) void carry(socket, carrier);
    else answerMeanwhile(socket);
  });
  await listen(server, wanted);
  const resetAll = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    get carrier() {
      return carrier;
    },
    set carrier(next) {
      carrier = next;
    },
    resetAll,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        resetAll();
      }),
  };
}

function listen(server: Server, port: number | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const taken = port !== undefined && (error.code === "EADDRINUSE" || error.code === "EACCES");
      reject(taken ? new Failure<TunnelFailure>({ code: "local-port-taken", port }) : error);
    });
    server.listen({ host: "127.0.0.1", port: port ?? 0, backlog, exclusive: true }, resolve);
  });
}

/** Joins one local connection with a stream of the carrier. */
async function carry(socket: Socket, carrier: Carrier): Promise<void> {
  let stream: Duplex;
  try {
    stream = await carrier.connect();
  } catch {
    socket.resetAndDestroy();
    return;
  }
  let hasEnded = false;
  stream.on("error", () => undefined);
  stream.once("end", () => {
    hasEnded = true;
    void carrier.isEndReal().then((isReal) => (isReal ? socket.end() : socket.resetAndDestroy()));
  });
  stream.once("close", () => {
    if (!hasEnded) socket.resetAndDestroy();
  });
  socket.once("close", () => stream.destroy());
  if (socket.destroyed) stream.destroy();
  stream.pipe(socket, { end: false });
  socket.pipe(stream);
}
