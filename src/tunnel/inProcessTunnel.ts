import { randomBytes } from "node:crypto";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { Emitter } from "../common/event.js";
import { Failure, type FailureDetail, isFailure, throwIfCancelled } from "../common/failure.js";
import type { Connection } from "../ssh/connection.js";
import type { RemoteAddress, Tunnel, TunnelFailure, TunnelRequest } from "./tunnel.js";

/** A browser opens many connections at once: the default of a few would make some wait a second for a retry. */
const backlog = 511;

/**
 * A tunnel inside this process, on the shared SSH connection: a listener on 127.0.0.1 whose every connection is a
 * `direct-tcpip` channel.
 * @throws Failure `local-port-taken`, or `forwarding-refused` when the server's policy forbids it, or an `SshFailure`.
 */
export async function openInProcessTunnel(
  connection: Connection,
  { remote, localPort }: TunnelRequest,
  signal?: AbortSignal,
): Promise<Tunnel> {
  throwIfCancelled(signal);
  await probe(connection, remote);
  throwIfCancelled(signal);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    void carry(socket, connection, remote);
  });
  await listen(server, localPort);

  const closed = new Emitter<FailureDetail | undefined>();
  let ending: Promise<void> | undefined;
  const end = (failure: FailureDetail | undefined): Promise<void> => {
    ending ??= new Promise((resolve) => {
      connectionClosed.dispose();
      server.close(() => {
        closed.fire(failure);
        resolve();
      });
      for (const socket of sockets) socket.resetAndDestroy();
    });
    return ending;
  };
  const connectionClosed = connection.onDidClose(
    (reason) => void end(reason.kind === "lost" ? reason.failure : undefined),
  );

  return {
    id: randomBytes(4).toString("hex"),
    connectionId: connection.id,
    backend: "in-process",
    localPort: (server.address() as AddressInfo).port,
    remote,
    onDidClose: closed.event,
    close: () => end(undefined),
  };
}

/** Says at once that forwarding is forbidden, instead of with the first request. That the target refuses is no fault yet. */
async function probe(connection: Connection, remote: RemoteAddress): Promise<void> {
  try {
    (await connection.forward(remote.host, remote.port)).destroy();
  } catch (error) {
    if (!isFailure(error, "channel-refused")) throw error;
    const { reason } = error.detail as unknown as { reason: string };
    if (!/prohibited|ADMINISTRATIVELY|^1$/i.test(reason)) return;
    throw new Failure<TunnelFailure>({ code: "forwarding-refused", host: connection.target.host, reason });
  }
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

/**
 * Joins one local connection with a channel. When the far side goes without saying that it is done, the local side is
 * reset: a clean end would make a truncated answer look whole.
 */
async function carry(socket: Socket, connection: Connection, remote: RemoteAddress): Promise<void> {
  socket.setNoDelay(true);
  socket.on("error", () => undefined);
  let channel: Duplex;
  try {
    channel = await connection.forward(remote.host, remote.port);
  } catch {
    socket.resetAndDestroy();
    return;
  }
  let remoteSaidEnd = false;
  channel.on("error", () => undefined);
  channel.once("end", () => (remoteSaidEnd = connection.state === "open"));
  channel.once("close", () => {
    if (remoteSaidEnd) socket.end();
    else socket.resetAndDestroy();
  });
  socket.once("close", () => channel.destroy());
  channel.pipe(socket, { end: false });
  channel.once("end", () => connection.state === "open" && socket.end());
  socket.pipe(channel);
}
