import type { App } from "../../app.js";
import { savedIdOf } from "../../savedConnectionId.js";
import { recentRoots } from "../../savedConnections.js";
import type { Connection } from "../../ssh/model/connection.js";
import { formatTarget } from "../../ssh/model/target.js";

/**
 * The storage roots of a host that are known here, the one used last first: those of viewers, then those that were copied.
 * @param first what comes before all others.
 */
export async function knownRootsOf(
  { savedConnections, viewers, syncs }: Pick<App, "savedConnections" | "viewers" | "syncs">,
  { id, target }: Pick<Connection, "id" | "target">,
  first?: string,
): Promise<readonly string[]> {
  const written = formatTarget(target);
  const [saved, copied] = await Promise.all([
    savedConnections.get(savedIdOf(target)),
    // A copy whose record cannot be read is told of elsewhere.
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
