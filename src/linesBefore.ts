import { type LinesBefore, linesIn } from "./environments/lines/lines.js";
import { savedIdOf } from "./savedConnectionId.js";
import type { SavedConnections } from "./savedConnections.js";
import { jobOf } from "./ssh/model/jobTarget.js";
import type { Target } from "./ssh/model/target.js";

/**
 * Returns the lines to run before that are saved with the connections.
 * @param given more lines for every host, which run last.
 */
export function keptLines(
  savedConnections: Pick<SavedConnections, "get">,
  given: readonly string[] = [],
): LinesBefore {
  return {
    of: async (target, python) => {
      const { lines = "", environmentLines } = (await savedConnections.get(savedIdOf(hostOf(target)))) ?? {};
      const own = python === undefined ? undefined : linesOfEnvironment(environmentLines, python);
      return [...linesIn(lines), ...linesIn(own ?? ""), ...given];
    },
    pythons: async (target) => {
      const { environmentLines = {} } = (await savedConnections.get(savedIdOf(hostOf(target)))) ?? {};
      return Object.keys(environmentLines).filter((python) => python.startsWith("/"));
    },
  };
}

/** A job uses the lines of its login node. */
function hostOf(target: Target): Target {
  return jobOf(target)?.login ?? target;
}

/** @returns undefined if it has none. */
export function linesOfEnvironment(
  all: Readonly<Record<string, string>> | undefined,
  python: string,
): string | undefined {
  return all && Object.hasOwn(all, python) ? all[python] : undefined;
}
