import type { Connection } from "../model/connection.js";
import { execWith } from "./exec.js";
import { createHeldShell, type HeldShellOptions, shellCommand } from "./heldShell.js";
import { createSessions, type SessionOpener } from "./sessions.js";

/** What a connection runs on its host. */
export type Channels = Pick<Connection, "exec" | "spawn" | "subsystem" | "heldShell">;

/** A session that the connection itself holds, and in which the held shell runs: that ends with it. */
export interface OwnSession {
  readonly openShell: HeldShellOptions["open"];
}

/**
 * Commands, subsystems and the held shell of a connection, over what opens its sessions.
 * @param host as a person knows it.
 * @param requireOpen throws when the connection is no longer open.
 * @param own without one, the held shell takes a session like any other, and may be opened again.
 */
export function createChannels(
  host: string,
  requireOpen: () => void,
  opener: SessionOpener,
  own?: OwnSession,
): Channels {
  const { spawn, subsystem } = createSessions(host, requireOpen, opener, own ? 1 : 0);
  const open: HeldShellOptions["open"] =
    own?.openShell ?? ((input, signal) => spawn(shellCommand, { input, signal, slot: "stays" }));
  return {
    exec: (command, options = {}) => execWith(spawn, command, options, host),
    spawn,
    subsystem,
    heldShell: createHeldShell({ host, open, isReplaceable: own === undefined }),
  };
}
