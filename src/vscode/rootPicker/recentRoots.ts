import type { App } from "../../app.js";
import { savedIdOf } from "../../savedConnectionId.js";
import { recentRoots } from "../../savedConnections.js";
import type { Connection } from "../../ssh/model/connection.js";
import { formatTarget } from "../../ssh/model/target.js";

/**
 * Known storage roots of a host, most recent first: those of viewers, then synced ones.
 * @param first comes before all others.
 */
export async function knownRootsOf(
  { savedConnections, viewers, syncs }: Pick<App, "savedConnections" | "viewers" | "syncs">,
  { id, target }: Pick<Connection, "id" | "target">,
  first?: string,
): Promise<readonly string[]> {
  const written = formatTarget(target);
  const [saved, copied] = await Promise.all([
    savedConnections.get(savedIdOf(target)),
    // A damaged record of a sync is reported elsewhere.
    syncs.list().catch(() => []),
  ]);
  return [
    ...new Set([
      ...(first === undefined ? [] : [first]),
      ...(saved ? recentRoots(saved) : []),
      ...viewers.sessions.filter(({ connectionId }) => connectionId === id).map(({ root }) => root),
      ...copied.filter((one) => formatTarget(one.target) === written).map(({ root }) => root),
    ]),
  ];
}
