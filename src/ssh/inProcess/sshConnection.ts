import type { Duplex } from "node:stream";
import type { Client, ClientChannel } from "ssh2";
import { Emitter } from "../../common/async/event.js";
import { Failure } from "../../common/failure.js";
import { type CloseReason, type Connection, type ConnectionState, endpointId } from "../model/connection.js";
import { createChannels } from "../channel/channels.js";
import { execWith } from "../channel/exec.js";
import type { SshFailure } from "../model/failures.js";
import { limitBacklog } from "./serverLimits.js";
import { type Carrying, spawnOn, subsystemOn } from "./spawn.js";

/** Milliseconds for a command that does nothing: a jump host may have a login shell that waits for somebody. */
const firstSessionLimit = 3_000;
/** Milliseconds for a graceful close. `end` alone never closes a link into a dead network. */
const closeGrace = 1_000;

/** Wraps an authenticated client of ssh2, which nothing outside this folder sees. */
export function createConnection(
  { client, stream }: { readonly client: Client; readonly stream: Duplex },
  about: Pick<Connection, "target" | "endpoint" | "openssh"> & { readonly onTheWayTo: string | undefined },
): Connection {
  const { target, endpoint, openssh, onTheWayTo } = about;
  const at = { host: target.host, port: endpoint.port, ...(onTheWayTo !== undefined && { onTheWayTo }) };
  const { host } = at;
  const closed = new Emitter<CloseReason>();
  let state: ConnectionState = "open";
  let closing = false;
  let hadSession = false;

  const lostFailure = (): Failure<SshFailure> => new Failure<SshFailure>({ code: "connection-lost", ...at });
  const lost = (): Failure<SshFailure> | undefined =>
    closing || state === "closed" || stream.destroyed ? lostFailure() : undefined;

  // A channel of another connection that is ended at its far end, as where a host behind a jump host loses power, does not
  // close by itself, and ssh2 sends no keepalives any more.
  client.on("end", () => {
    client.destroy();
    stream.destroy();
  });
  // `close` is the only event that always fires.
  client.on("close", () => {
    state = "closed";
    closed.fire(closing ? { kind: "closed" } : { kind: "lost", failure: lostFailure().detail });
  });

  const requireOpen = (): void => {
    if (closing || state === "closed") throw lostFailure();
  };

  const carrying: Carrying = { client, host, lost };
  const channels = createChannels(host, requireOpen, {
    spawn: (command, feed) => {
      hadSession = true;
      return spawnOn(carrying, command, feed);
    },
    subsystem: (name) => {
      hadSession = true;
      return subsystemOn(carrying, name);
    },
  });

  /** sshd turns Nagle's algorithm off on its side only when a session is opened: without one, forwards stall 40 ms. */
  const openFirstSession = async (): Promise<void> => {
    if (!hadSession) await channels.exec(":", { timeout: firstSessionLimit }).catch(() => undefined);
  };

  return {
    id: endpointId(endpoint),
    target,
    endpoint,
    openssh,
    get state() {
      return state;
    },
    onDidClose: closed.event,
    ...channels,
    forward: async (toHost, toPort) => {
      requireOpen();
      await openFirstSession();
      return openChannel(carrying, (opened) => client.forwardOut("127.0.0.1", 0, toHost, toPort, opened));
    },
    forwardSocket: async (path) => {
      requireOpen();
      await openFirstSession();
      return openChannel(carrying, (opened) => client.openssh_forwardOutStreamLocal(path, opened));
    },
    check: async (milliseconds) => {
      const timer = setTimeout(() => {
        client.destroy();
        stream.destroy();
      }, milliseconds);
      // Bypass the session queue: a refusal also proves that the host is alive.
      await execWith(() => spawnOn(carrying, ":"), ":", {}, host).catch(() => undefined);
      clearTimeout(timer);
    },
    close: async () => {
      closing = true;
      if (state === "open") await closeClient(client, stream);
    },
  };
}

type Opened = (error: Error | undefined, channel: ClientChannel) => void;

/** A channel to an address that the server reaches (RFC 4254, 7.2), or a socket of its own (PROTOCOL of OpenSSH, 2.4). */
function openChannel(
  { client, host, lost }: Carrying,
  request: (opened: Opened) => unknown,
): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const refuse = (error: Error): void => {
      const reason = "reason" in error ? String(error.reason) : error.message;
      reject(lost() ?? new Failure<SshFailure>({ code: "channel-refused", host, reason }, { cause: error }));
    };
    try {
      request((error, channel) => {
        if (error) return refuse(error);
        limitBacklog(channel, () => client.destroy());
        resolve(channel);
      });
    } catch (error) {
      // ssh2 asks no server for a socket that does not call itself OpenSSH.
      refuse(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

/** Resolves when the link is gone. */
function closeClient(client: Client, stream: Duplex): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      client.destroy();
      stream.destroy();
    }, closeGrace);
    client.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
    client.end();
  });
}
