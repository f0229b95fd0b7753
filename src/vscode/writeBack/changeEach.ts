import type { Run } from "../../sync/runIndex/runs.js";
import type { EditOutcome } from "../../viewer/runEdits.js";

type ChangedRun = Pick<Run, "syncId" | "id" | "folder">;

/** Why a run was not changed. */
export type Refusal =
  | Exclude<EditOutcome, { kind: "done" }>
  /** Runicorn finds runs by folder name, and takes the first. @prop other a folder with the same name. */
  | { readonly kind: "ambiguous"; readonly other: string };

/** The result of changing several runs. */
export interface Changes<R> {
  readonly done: readonly R[];
  readonly refused: readonly { readonly run: R; readonly why: Refusal }[];
  /** The runs for which a request was sent; if there is a failure, the result of the last one is unknown. */
  readonly tried: readonly R[];
  /** Why there was no answer. */
  readonly failure?: Error;
}

/**
 * Changes runs one by one.
 * @param options.here the runs of a run's root that are not deleted.
 * @param options.work sends the request to the host.
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
      // The next one would get the same answer.
      if (outcome.kind === "unsupported") break;
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      return { done, refused, tried, failure };
    }
  }
  return { done, refused, tried };
}
