import { loginOf } from "../../ssh/model/jobTarget.js";
import { formatTarget, type Target } from "../../ssh/model/target.js";
import { isKeptTarget } from "../../ssh/model/thisMachine.js";
import { readWhere, type Where } from "../../where.js";

/** What is needed to start a viewer: host, root and environment. */
export interface ViewerPlace {
  readonly target: Target;
  /** The interpreter of the environment; missing if never chosen. */
  readonly python?: string;
  /** Absolute path on the host; missing if never chosen. */
  readonly root?: string;
  /** Where on a cluster; missing if never chosen, or without a cluster. */
  readonly where?: Where;
}

/** Whether both have the same root on the same host, in any of its jobs. */
export function isSamePlace(one: ViewerPlace, other: ViewerPlace): boolean {
  return one.root === other.root && isSameHost(one.target, other.target);
}

/** Whether both are the same host, or jobs of it. */
export function isSameHost(one: Target, other: Target): boolean {
  return formatTarget(loginOf(one)) === formatTarget(loginOf(other));
}

/** Validates a stored place; undefined if invalid. */
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
