import { isUsable, mayBeTaken } from "./chooseEnvironment.js";
import { type HostEnvironments, isTooOld, type PythonEnvironment } from "./environment.js";
import type { RootSearch } from "./storageRoots.js";

/**
 * Returns the environment to use without asking: the only usable one. Too old ones and those of other accounts do not
 * count. Undefined if the search was cut short, since there may be others.
 */
export function evidentEnvironment({
  environments,
  complete,
}: Pick<HostEnvironments, "environments" | "complete">): PythonEnvironment | undefined {
  const fit = environments.filter((one) => mayBeTaken(one) && !isTooOld(one));
  return complete && fit.length === 1 ? fit[0] : undefined;
}

/**
 * Returns the environment of last time, or the one of the saved connection, which is used without asking.
 * @param last.wasUsed a viewer was started in it before. Otherwise the name may come from an imported file, so another
 * account's environment is not used.
 */
export function environmentOfLastTime(
  { environments }: Pick<HostEnvironments, "environments">,
  { python, wasUsed }: { readonly python: string | undefined; readonly wasUsed: boolean },
): PythonEnvironment | undefined {
  const fits = wasUsed ? isUsable : mayBeTaken;
  return environments.find((one) => one.python === python && fits(one));
}

/** Returns the storage root that Runicorn's configuration names. Ignores a relative path. */
export function configuredRoot({ storageRoot }: Pick<HostEnvironments, "storageRoot">): string | undefined {
  return storageRoot?.startsWith("/") ? storageRoot : undefined;
}

/** Returns the only root with runs; undefined if there are several, or the search was cut short. */
export function onlyRootWithRuns(search: RootSearch): string | undefined {
  if (search.kind !== "searched" || !search.complete) return undefined;
  const holding = search.roots.filter(({ runs }) => runs > 0);
  return holding.length === 1 ? holding[0]?.path : undefined;
}
