import { formatTarget, type Target } from "../../ssh/model/target.js";
import type { ViewerSession } from "../../viewer/session/session.js";
import type { Viewers } from "../../viewer/viewers.js";

/** What starts a viewer like one that was there: on which host, of which runs, in which environment. */
export interface ViewerPlace {
  readonly target: Target;
  /** The interpreter of the environment; missing where that was never chosen. */
  readonly python?: string;
  /** Absolute path on the host; missing where that was never chosen. */
  readonly root?: string;
}

/** Whether both mean the same runs of the same host. */
export function isSamePlace(one: ViewerPlace, other: ViewerPlace): boolean {
  return one.root === other.root && formatTarget(one.target) === formatTarget(other.target);
}

/** The viewer of a place, one that failed where there is no other. Another account of the same host is another place. */
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

/** Reads what VS Code kept for us; undefined where it is none. */
export function readViewerPlace(value: unknown): ViewerPlace | undefined {
  if (!isObject(value) || !isObject(value["target"])) return undefined;
  const { python, root } = value;
  const { host, user, port } = value["target"];
  const isPort =
    port === undefined || (typeof port === "number" && Number.isInteger(port) && port > 0 && port < 65_536);
  if (typeof host !== "string" || host === "" || !isPort) return undefined;
  if (![user, python, root].every((text) => text === undefined || typeof text === "string")) return undefined;
  return {
    target: {
      host,
      ...(user !== undefined && { user: user as string }),
      ...(port !== undefined && { port: port }),
    },
    ...(python !== undefined && { python: python as string }),
    ...(root !== undefined && { root: root as string }),
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
