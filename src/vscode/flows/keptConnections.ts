import { savedIdOf } from "../../savedConnectionId.js";
import type { SavedConnection, SavedConnections } from "../../savedConnections.js";
import { formatTarget, type Target } from "../../ssh/model/target.js";
import type { Connections } from "../../ssh/connections.js";
import type { Passwords } from "../kit/secrets.js";

/** Forgets a saved connection, and whatever secret was kept for it: in the secret store and in memory. */
export async function forgetConnection(
  saved: SavedConnection,
  from: {
    readonly savedConnections: Pick<SavedConnections, "remove">;
    readonly connections: Pick<Connections, "forget">;
    readonly passwords: Pick<Passwords, "forget">;
  },
): Promise<void> {
  // An entry that is older than the list of names has none; this is the name where the target says it all.
  const { host, user, port } = saved.target;
  const guessed = user === undefined ? [] : [`${user}@${host}:${port ?? 22}`];
  for (const name of new Set([...(saved.passwords ?? []), ...guessed])) await from.passwords.forget(name);
  from.connections.forget(saved.target);
  await from.savedConnections.remove(saved.id);
}

/**
 * Keeps a connection that was opened in the list.
 * @param before as it was kept when the connect began: one that is not there any more was forgotten meanwhile.
 * @param passwords the names of kept passwords that were used.
 * @returns whether it is in the list.
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
