import type { Run } from "../sync/runIndex/run.js";

/** What is kept of a run of one root to find it again. */
export interface KeptRun {
  readonly id: string;
  /** Where it lay, relative to the root; undefined in what earlier versions kept. */
  readonly folder?: string | undefined;
}

type RunPlace = Pick<Run, "id" | "folder">;

/** Whether a run still lies in the folder where it was kept. */
export type IsPresent = (kept: KeptRun) => boolean;

/** @param all the runs of the root, also deleted ones: a run in the recycle bin was not moved. */
export function presentAmong(all: readonly RunPlace[]): IsPresent {
  let keys: ReadonlySet<string> | undefined;
  return ({ id, folder }) => {
    if (folder === undefined) return false;
    // Seldom needed, and a root may have very many runs.
    keys ??= new Set(all.map(folderKey));
    return keys.has(folderKey({ id, folder }));
  };
}

/**
 * Whether a run is the one that was kept. Copies of a run's folder share its id, so the folder decides; the id alone does
 * where no folder was kept, or where the run was moved.
 */
export function isMeant(run: RunPlace, kept: KeptRun, isPresent: IsPresent): boolean {
  return run.id === kept.id && (run.folder === kept.folder || !isPresent(kept));
}

/** The key of a run of one root that tells it from its copies. */
export function folderKey({ id, folder }: RunPlace): string {
  return `${id}\n${folder}`;
}
