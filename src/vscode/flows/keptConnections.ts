import { savedIdOf } from "../../savedConnectionId.js";
import type { SavedConnection, SavedConnections } from "../../savedConnections.js";
import { formatTarget, type Target } from "../../ssh/model/target.js";
import type { Connections } from "../../ssh/connections.js";
import type { Passwords } from "../kit/secrets.js";

/** Forgets a saved connection and its secrets, both in the secret storage and in memory. */
export async function forgetConnection(
  saved: SavedConnection,
  from: {
    readonly savedConnections: Pick<SavedConnections, "remove">;
    readonly connections: Pick<Connections, "forget">;
    readonly passwords: Pick<Passwords, "forget">;
  },
): Promise<void> {
  // Older entries have no list of names; guess it if the target is complete.
  const { host, user, port } = saved.target;
  const guessed = user === undefined ? [] : [`${user}@${host}:${port ?? 22}`];
  for (const name of new Set([...(saved.passwords ?? []), ...guessed])) await from.passwords.forget(name);
  from.connections.forget(saved.target);
  await from.savedConnections.remove(saved.id);
}

/**
 * Saves an opened connection.
 * @param before the entry when the connect began: if it no longer exists, it was forgotten meanwhile.
 * @param passwords the names of saved passwords that were used.
 * @returns whether it is saved.
 */
export async function keepConnection(
  savedConnections: Pick<SavedConnections, "change">,
  target: Target,
  before: SavedConnection | undefined,
  passwords: readonly string[],
): Promise<boolean> {
  const id = savedIdOf(target);
  let isKept = true;
  await savedConnections.change(id, (now) => {
    isKept = now !== undefined || before === undefined;
    if (!isKept) return undefined;
    const known = now?.passwords ?? [];
    if (now && passwords.every((name) => known.includes(name))) return now;
    const all = [...new Set([...known, ...passwords])];
    return {
      ...(now ?? { id, name: formatTarget(target), target }),
      ...(all.length > 0 && { passwords: all }),
    };
  });
  return isKept;
}
