import type { SavedConnection, SavedConnections } from "../../savedConnections.js";
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
