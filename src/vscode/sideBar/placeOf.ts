import type { Place } from "../../connectionOrder.js";
import type { NodeData } from "./nodes.js";

/**
 * The position for connections dropped on a node; a viewer counts as its host. Undefined if it cannot take any: unsaved
 * hosts have no position.
 * @param target missing: at the end.
 */
export function placeOf(target: NodeData | undefined): Place | undefined {
  switch (target?.kind) {
    case "group":
      return { kind: "group", name: target.name };
    case "connection":
      return target.saved && { kind: "connection", id: target.saved.id };
    case "session":
      return target.host && { kind: "connection", id: target.host.id };
    default:
      return { kind: "end" };
  }
}
