import type { Run } from "./runIndex/runs.js";

/** The runs of a copy, each in one list. */
export interface PartitionedRuns {
  readonly here: readonly Run[];
  /** Deleted in Runicorn, and still on the host. */
  readonly deleted: readonly Run[];
  /** Gone from the host, and kept here. */
  readonly kept: readonly Run[];
}

/**
 * A run that was moved on the host is where it is now; what is kept of its old place is its files.
 * @param keepGone whether what is gone from the host stays: else it is on its way out, and is what it was.
 */
export function partitionRuns(runs: readonly Run[], keepGone: boolean): PartitionedRuns {
  const isKept = (run: Run): boolean => keepGone && run.isGone;
  const present = runs.filter((run) => !isKept(run));
  const known = new Set(present.map(({ id }) => id));
  const kept: Run[] = [];
  // Where a run lay before it was thrown away tells more than the recycle bin.
  for (const run of runs.filter(isKept).sort((a, b) => Number(a.isDeleted) - Number(b.isDeleted))) {
    if (known.has(run.id)) continue;
    known.add(run.id);
    // Nobody can tell any longer.
    kept.push(run.status === "running" ? { ...run, status: "unknown", sign: undefined } : run);
  }
  return {
    here: present.filter(({ isDeleted }) => !isDeleted),
    deleted: present.filter(({ isDeleted }) => isDeleted),
    kept,
  };
}
