import { createServer, type Server } from "node:http";
import { Socket } from "node:net";
import { type Loopback, listenOnLoopback } from "../common/account/loopback.js";
import { admitOwnAccountOnly, type ReadTable, type Refusal } from "../common/account/ownAccountOnly.js";
import { Failure } from "../common/failure.js";
import { hasErrorCode } from "../common/files/errorCode.js";
import type { Forwarder } from "./forwarder.js";
import type { TunnelFailure } from "./failures.js";
import { createGuard, type Entrance, type Guard, type GuardOptions } from "./guard/guard.js";

/** The listen backlog: a browser opens many connections at once, and a SYN that is dropped is retried after a second. */
const backlog = 511;
/** Bytes of a request's head: browsers send the cookies of all local ports to each. */
const mostOfHead = 64 * 1024;
/** Milliseconds for a request's head, and between two looks at who is too slow. Bodies and answers take their time. */
const headLimit = 30_000;
const checkInterval = 5_000;

/** A loopback port that stays bound while its forwarder is replaced, so that nobody else can take it. */
export interface LocalPort {
  readonly port: number;
  /** The forwarder of new requests. Requests under way keep theirs. */
  forwarder: Forwarder | undefined;
  /** An address of it that opens in a browser. */
  entrance(entrance: Entrance): string;
  /** Headers with which a program of ours is always let in. */
  readonly ownHeaders: Readonly<Record<string, string>>;
  /** Resets connections under way: a dropped connection must never look like a clean EOF. */
  resetAll(): void;
  /** Resolves when the port is free again and every connection is gone. */
  close(): Promise<void>;
}

const refusal: Refusal = { type: "text/plain; charset=utf-8", body: (reason) => `${reason}\n` };

/**
 * @param readTable tells whose connections are. Default: what this system says.
 * @param wanted one that is taken is a failure, never silently another. Default: any free one.
 * @throws Failure `local-port-taken`
 */
export async function openLocalPort(
  wanted: number | undefined,
  options: GuardOptions,
  readTable?: ReadTable,
): Promise<LocalPort> {
  const sockets = new Set<Socket>();
  let forwarder: Forwarder | undefined;
  // The guard needs the port, which is known after listening.
  const behind: { guard?: Guard } = {};
  const server = createServer({
    maxHeaderSize: mostOfHead,
    headersTimeout: headLimit,
    connectionsCheckingInterval: checkInterval,
    requestTimeout: 0,
    keepAliveTimeout: 0,
    noDelay: true,
  });
  // Registered last: earlier listeners have rejected the connections of other accounts.
  server.on("connection", (socket: Socket) => behind.guard?.onAdmitted(socket));
  const accountsTold = admitOwnAccountOnly(server, refusal, {
    readTable,
    onRefused: (socket) => behind.guard?.onRefused(socket),
  });
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => sockets.delete(socket));
    behind.guard?.onConnection(socket);
  });
  server.on("request", (request, response) => behind.guard?.onRequest(request, response));
  server.on("checkExpectation", (request, response) => behind.guard?.onExpectation(request, response));
  server.on("upgrade", (request, socket, early) => {
    if (socket instanceof Socket) behind.guard?.onUpgrade(request, socket, early);
  });
  server.on("clientError", (error, socket) => {
    if (socket.writable && hasErrorCode(error, "HPE_HEADER_OVERFLOW")) behind.guard?.onTooLong(socket);
    else if (socket.writable && !hasErrorCode(error, "ECONNRESET"))
      socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
    else socket.destroy();
  });
  const loopback = await listen(server, wanted);
  const { port } = loopback;
  const guard = createGuard(options, port, await accountsTold, () => forwarder);
  behind.guard = guard;
  const resetAll = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port,
    entrance: (entrance) => guard.entrance(entrance),
    ownHeaders: guard.ownHeaders,
    get forwarder() {
      return forwarder;
    },
    set forwarder(next) {
      forwarder = next;
    },
    resetAll,
    close: async () => {
      const closed = loopback.close();
      resetAll();
      await closed;
    },
  };
}

async function listen(server: Server, port: number | undefined): Promise<Loopback> {
  try {
    return await listenOnLoopback(server, { port: port ?? 0, backlog });
  } catch (error) {
    if (port === undefined || !hasErrorCode(error, "EADDRINUSE", "EACCES")) throw error;
    throw new Failure<TunnelFailure>({ code: "local-port-taken", port });
  }
}
