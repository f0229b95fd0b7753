import { once } from "node:events";
import type { Server } from "node:http";
import { type AddressInfo, createServer, type Server as Listener } from "node:net";
import { hasErrorCode } from "../files/errorCode.js";

/*
 * `localhost` is 127.0.0.1 to one program and ::1 to the next, and most try ::1 first. A server that takes one of them
 * leaves the same port of the other to every account of the machine, which would be sent what was meant for us.
 */

export interface LoopbackOptions {
  /** Where: both, or only ::1. Default: both. */
  readonly addresses?: "both" | "ipv6" | undefined;
  /** 0: any that is free at both addresses. */
  readonly port: number;
  /** Connections that wait to be taken. Default: Node's. */
  readonly backlog?: number;
}

export interface Loopback {
  readonly port: number;
  /** Resolves when the port is free at both addresses and every connection has ended. */
  close(): Promise<void>;
}

/** A port that is free at ::1 is hardly ever taken at 127.0.0.1. */
const tries = 16;

/**
 * Makes a server listen at 127.0.0.1 and, where this machine has it, at the same port of ::1; or at ::1 alone.
 * @throws what `listen` throws: EADDRINUSE also where only one of the two addresses is free.
 */
export async function listenOnLoopback(
  server: Server,
  { port, backlog, addresses = "both" }: LoopbackOptions,
): Promise<Loopback> {
  if (addresses === "ipv6") {
    await listen(server, { host: "::1", port, backlog });
    return loopbackOf(server);
  }
  for (let left = tries; ; left -= 1) {
    const second = await listenOnIpv6(server, port, backlog);
    const taken = second ? portOf(second) : port;
    try {
      await listen(server, { host: "127.0.0.1", port: taken, backlog });
      return loopbackOf(server, second);
    } catch (error) {
      if (second) await closed(second);
      if (port !== 0 || left === 1) throw error;
    }
  }
}

function loopbackOf(server: Server, second?: Listener): Loopback {
  return {
    port: portOf(server),
    close: async () => {
      await Promise.all([closed(server), second && closed(second)]);
    },
  };
}

function portOf(server: Listener): number {
  return (server.address() as AddressInfo).port;
}

/** Hands the connections of ::1 to the server. Undefined on machines without IPv6. */
async function listenOnIpv6(
  server: Server,
  port: number,
  backlog: number | undefined,
): Promise<Listener | undefined> {
  const second = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
    server.emit("connection", socket),
  );
  try {
    await listen(second, { host: "::1", port, backlog });
    return second;
  } catch (error) {
    if (hasErrorCode(error, "EADDRNOTAVAIL", "EAFNOSUPPORT", "EPROTONOSUPPORT")) return undefined;
    throw error;
  }
}

interface Place {
  readonly host: string;
  readonly port: number;
  readonly backlog: number | undefined;
}

async function listen(server: Listener, place: Place): Promise<void> {
  const listening = once(server, "listening");
  server.listen({ ...place, exclusive: true });
  await listening;
}

function closed(server: Listener): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
