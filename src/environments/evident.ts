import { isUsable, mayBeTaken } from "./chooseEnvironment.js";
import { type HostEnvironments, isTooOld, type PythonEnvironment } from "./environment.js";
import type { RootSearch } from "./storageRoots.js";

/**
 * The environment that nobody needs to be asked about: the only one whose Runicorn runs and shows today's runs. One that
 * is too old, or another account's, does not count, and where the search was cut short there may be another.
 */
export function evidentEnvironment({
  environments,
  complete,
}: Pick<HostEnvironments, "environments" | "complete">): PythonEnvironment | undefined {
  const fit = environments.filter((one) => mayBeTaken(one) && !isTooOld(one));
  return complete && fit.length === 1 ? fit[0] : undefined;
}

/**
 * The environment that is taken without a question because it was taken before, or is named in what is kept of the connection.
 * @param last.wasUsed a viewer was started by this account of this host. Else a file may name the environment, and it is not
 * taken where another account put it.
 */
export function environmentOfLastTime(
  { environments }: Pick<HostEnvironments, "environments">,
  { python, wasUsed }: { readonly python: string | undefined; readonly wasUsed: boolean },
): PythonEnvironment | undefined {
  const fits = wasUsed ? isUsable : mayBeTaken;
  return environments.find((one) => one.python === python && fits(one));
}

/** The storage root that Runicorn's own configuration names; a path that depends on where one stands names none. */
export function configuredRoot({ storageRoot }: Pick<HostEnvironments, "storageRoot">): string | undefined {
  return storageRoot?.startsWith("/") ? storageRoot : undefined;
}

/** The only folder that holds runs; undefined where there are several, or the search was cut short. */
export function onlyRootWithRuns(search: RootSearch): string | undefined {
  if (search.kind !== "searched" || !search.complete) return undefined;
  const holding = search.roots.filter(({ runs }) => runs > 0);
  return holding.length === 1 ? holding[0]?.path : undefined;
}
