import { loginOf } from "../../ssh/model/jobTarget.js";
import { formatTarget, type Target } from "../../ssh/model/target.js";
import { isKeptTarget } from "../../ssh/model/thisMachine.js";
import { readWhere, type Where } from "../../where.js";

/** What starts a viewer like one that was there: on which host, of which runs, in which environment. */
export interface ViewerPlace {
  readonly target: Target;
  /** The interpreter of the environment; missing where that was never chosen. */
  readonly python?: string;
  /** Absolute path on the host; missing where that was never chosen. */
  readonly root?: string;
  /** Where on a cluster; missing where that was never chosen, and for hosts that lead to none. */
  readonly where?: Where;
}

/** Whether both mean the same runs of the same host, in whatever job of it. */
export function isSamePlace(one: ViewerPlace, other: ViewerPlace): boolean {
  return one.root === other.root && isSameHost(one.target, other.target);
}

/** Whether both are the same host, or jobs behind it. */
export function isSameHost(one: Target, other: Target): boolean {
  return formatTarget(loginOf(one)) === formatTarget(loginOf(other));
}

/** Reads what VS Code kept for us; undefined where it is none. */
export function readViewerPlace(value: unknown): ViewerPlace | undefined {
  if (!isObject(value) || !isObject(value["target"])) return undefined;
  const { python, root } = value;
  const where = readWhere(value["where"]);
  const { host, user, port } = value["target"];
  if (typeof host !== "string" || (port !== undefined && typeof port !== "number")) return undefined;
  if (![user, python, root].every((text) => text === undefined || typeof text === "string")) return undefined;
  const target = {
    host,
    ...(user !== undefined && { user: user as string }),
    ...(port !== undefined && { port }),
  };
  if (!isKeptTarget(target)) return undefined;
  return {
    target,
    ...(python !== undefined && { python: python as string }),
    ...(root !== undefined && { root: root as string }),
    ...(where && { where }),
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
