import type { Place } from "../../connectionOrder.js";
import type { NodeData } from "./nodes.js";

/**
 * Where connections are put that are dropped on something; a viewer is part of its host. Undefined where nothing can be put:
 * what is not saved has no place of its own.
 * @param target missing: below everything.
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
