import type { Run } from "../../sync/runIndex/runs.js";
import type { EditOutcome } from "../../viewer/runEdits.js";

type ChangedRun = Pick<Run, "syncId" | "id" | "folder">;

/** Why a run was not changed. */
export type Refusal =
  | Exclude<EditOutcome, { kind: "done" }>
  /** Runicorn finds runs by the names of their folders, and takes the first. @prop other a folder with the same name. */
  | { readonly kind: "ambiguous"; readonly other: string };

/** What became of several runs. */
export interface Changes<R> {
  readonly done: readonly R[];
  readonly refused: readonly { readonly run: R; readonly why: Refusal }[];
  /** Those that were asked for; of the last one it is not known, where there is a failure. */
  readonly tried: readonly R[];
  /** Why no answer came. */
  readonly failure?: Error;
}

/**
 * Changes runs, one after the other.
 * @param options.here the runs of a run's root that are not deleted.
 * @param options.work asks the host for it.
 */
export async function changeEach<R extends ChangedRun>(
  runs: readonly R[],
  options: {
    readonly here: (run: R) => Promise<readonly ChangedRun[]>;
    readonly work: (run: R) => Promise<EditOutcome>;
    readonly signal: AbortSignal;
  },
): Promise<Changes<R>> {
  const [done, tried]: [R[], R[]] = [[], []];
  const refused: { run: R; why: Refusal }[] = [];
  for (const run of runs) {
    if (options.signal.aborted) break;
    try {
      const other = (await options.here(run)).find(
        ({ id, folder }) => id === run.id && folder !== run.folder,
      );
      if (other) {
        refused.push({ run, why: { kind: "ambiguous", other: other.folder } });
        continue;
      }
      tried.push(run);
      const outcome = await options.work(run);
      if (outcome.kind === "done") done.push(run);
      else refused.push({ run, why: outcome });
      // The next one would be answered the same.
      if (outcome.kind === "unsupported") break;
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      return { done, refused, tried, failure };
    }
  }
  return { done, refused, tried };
}
