import type { ViewerSession } from "../../viewer/session/session.js";
import type { Viewers } from "../../viewer/viewers.js";
import { isSamePlace, type ViewerPlace } from "../kit/viewerPlace.js";

/** The viewer of a place, preferably one that did not fail. Another account on the same host is another place. */
export function viewerAt(
  viewers: Pick<Viewers, "sessions" | "targetOf">,
  place: ViewerPlace,
): ViewerSession | undefined {
  const there = viewers.sessions.filter(({ id, root }) => {
    const target = viewers.targetOf(id);
    return target && isSamePlace({ target, root }, place);
  });
  return there.find(({ state }) => state.kind !== "failed") ?? there[0];
}
