import { savedIdOf } from "../../savedConnectionId.js";
import { carriedOver, type SavedConnection } from "../../savedConnections.js";
import { formatTarget, type Target } from "../../ssh/model/target.js";

/**
 * The same way to another host, with the same lines to run, environment and root. Where that way is of somebody's file, and nobody has agreed
 * to it yet, that is still to be asked.
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
