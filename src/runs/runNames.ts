import type { Run } from "../sync/runIndex/run.js";
import { keyOfName, type RunName } from "./runName.js";

type Named = Pick<Run, "syncId" | "id" | "folder">;

/** The name of a run including its folder. */
export function exactName({ syncId, id, folder }: Named): RunName {
  return { syncId, id, inFolder: folder };
}

/** Returns unique names for runs. @param all the runs of their roots. */
export function namesAmong(all: Iterable<Named>): (run: Named) => RunName {
  const [seen, shared] = [new Map<string, string>(), new Set<string>()];
  for (const { syncId, id, folder } of all) {
    const key = keyOfName({ syncId, id });
    const other = seen.get(key);
    if (other === undefined) seen.set(key, folder);
    else if (other !== folder) shared.add(key);
  }
  return (run) => {
    const { syncId, id } = run;
    return shared.has(keyOfName({ syncId, id })) ? exactName(run) : { syncId, id };
  };
}

/** Finds runs by name; undefined if there is none. */
export function runsByName<R extends Named>(all: Iterable<R>): (name: RunName) => R | undefined {
  const [first, exact] = [new Map<string, R>(), new Map<string, R>()];
  for (const run of all) {
    const key = keyOfName({ syncId: run.syncId, id: run.id });
    if (!first.has(key)) first.set(key, run);
    exact.set(keyOfName(exactName(run)), run);
  }
  return (name) => (name.inFolder === undefined ? first : exact).get(keyOfName(name));
}
