import { savedIdOf } from "../../savedConnectionId.js";
import { carriedOver, type SavedConnection } from "../../savedConnections.js";
import { formatTarget, type Target } from "../../ssh/model/target.js";

/**
 * Copies a connection to another target, with its route, lines, environment and root. If it was imported without
 * consent so far, the copy needs consent too.
 */
export function duplicateOf(saved: SavedConnection, target: Target): SavedConnection {
  const { imported, lines } = saved;
  return {
    id: savedIdOf(target),
    name: formatTarget(target),
    target,
    ...carriedOver(saved),
    ...(lines !== undefined && { lines }),
    ...(imported !== undefined && { imported }),
  };
}
