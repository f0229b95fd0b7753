import type { Duplex } from "node:stream";
import type { Client } from "ssh2";
import { Emitter } from "../common/event.js";
import { Failure } from "../common/failure.js";
import { type CloseReason, type Connection, type ConnectionState, endpointId } from "./connection.js";
import { execWith } from "./exec.js";
import type { SshFailure } from "./failures.js";
import { createSessions } from "./sessions.js";
import { spawnOn, subsystemOn } from "./spawn.js";

/** Milliseconds for a command that does nothing: a jump host may have a login shell that waits for somebody. */
const firstSessionLimit = 3_000;
/** Milliseconds for a polite goodbye. `end` alone never closes a link into a dead network. */
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

  // `close` is the only event that always comes.
  client.on("close", () => {
    state = "closed";
    closed.fire(closing ? { kind: "closed" } : { kind: "lost", failure: lostFailure().detail });
  });

  const requireOpen = (): void => {
    if (closing || state === "closed") throw lostFailure();
  };

  const { spawn, subsystem } = createSessions(requireOpen, {
    spawn: (command) => {
      hadSession = true;
      return spawnOn(client, command, host, lost);
    },
    subsystem: (name) => {
      hadSession = true;
      return subsystemOn(client, name, host, lost);
    },
  });

  const exec: Connection["exec"] = (command, options = {}) =>
    execWith(() => spawn(command, options.signal), options, host);

  /** sshd turns Nagle's algorithm off on its side only when a session is opened: without one, forwards stall 40 ms. */
  const openFirstSession = async (): Promise<void> => {
    if (!hadSession) await exec(":", { timeout: firstSessionLimit }).catch(() => undefined);
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
    exec,
    spawn,
    subsystem,
    forward: async (toHost, toPort) => {
      requireOpen();
      await openFirstSession();
      return new Promise((resolve, reject) => {
        client.forwardOut("127.0.0.1", 0, toHost, toPort, (error, channel) => {
          if (!error) {
            resolve(channel);
            return;
          }
          const reason = "reason" in error ? String(error.reason) : error.message;
          reject(
            lost() ?? new Failure<SshFailure>({ code: "channel-refused", host, reason }, { cause: error }),
          );
        });
      });
    },
    check: async (milliseconds) => {
      const timer = setTimeout(() => {
        client.destroy();
        stream.destroy();
      }, milliseconds);
      await exec(":").catch(() => undefined);
      clearTimeout(timer);
    },
    close: () =>
      new Promise((resolve) => {
        closing = true;
        if (state === "closed") {
          resolve();
          return;
        }
        const timer = setTimeout(() => {
          client.destroy();
          stream.destroy();
        }, closeGrace);
        client.once("close", () => {
          clearTimeout(timer);
          resolve();
        });
        client.end();
      }),
  };
}
