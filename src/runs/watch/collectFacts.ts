import { posix } from "node:path";
import type { Run } from "../../sync/runIndex/runs.js";
import type { Syncs } from "../../sync/syncs.js";
import { type IsPresent, presentAmong } from "../meantRuns.js";
import { knownOf, type RunFacts } from "./judge.js";
import type { NoticeBook } from "./noticeFile.js";
import { isCovered, joinWishes, needsValues, type Rule } from "./rules.js";
import { createRunValues, type RunValues } from "./runValues.js";

/** A run with the facts to judge it. */
export type WatchedRun = RunFacts & Pick<Run, "alias">;

export interface CollectedFacts {
  /** The runs that rules cover. */
  readonly runs: readonly WatchedRun[];
  readonly isPresent: IsPresent;
}

/** Collects facts about the runs that rules cover; fetches values only for rules that need them. */
export type CollectFacts = (book: NoticeBook, signal: AbortSignal) => Promise<CollectedFacts>;

/** @param syncId of the root. Remembers how far each run's values were read, so that each call reads only new ones. */
export function createCollectFacts(syncs: Syncs, syncId: string): CollectFacts {
  const read = new Map<string, { readonly key: string; readonly values: RunValues }>();

  const valuesOf = async (
    run: Run,
    thresholds: readonly string[],
    signal: AbortSignal,
  ): Promise<RunFacts["values"]> => {
    const path = posix.join(run.folder, "events.jsonl");
    const entry = (await syncs.entries(syncId)).get(path);
    if (!entry?.seen && !entry?.held) return undefined;
    try {
      const file = await syncs.fetch(syncId, path, { signal });
      const key = JSON.stringify(thresholds);
      const present = read.get(run.folder);
      const values = present?.key === key ? present.values : createRunValues(file.place, thresholds);
      read.set(run.folder, { key, values });
      await values.update(signal);
      return values.facts;
    } catch {
      // Unreachable, or not here yet: try again at the next check.
      return undefined;
    }
  };

  return async ({ rules, known }, signal) => {
    const found: WatchedRun[] = [];
    const [all, deleted] = await Promise.all([syncs.runs(syncId), syncs.deletedRuns(syncId)]);
    const isPresent = presentAmong([...all, ...deleted]);
    for (const run of all) {
      const theirs = rules.filter(({ scope }) => isCovered(run, scope, isPresent));
      if (theirs.length === 0) continue;
      const wishes = joinWishes(theirs);
      const isOver = run.status !== "running" && !mayBeNews(known, theirs, run);
      if (isOver) read.delete(run.folder);
      const values =
        isOver || !needsValues(wishes) ? undefined : await valuesOf(run, wishes.thresholds, signal);
      found.push({ ...run, values });
    }
    return { runs: found, isPresent };
  };
}

/** Whether its end, or values before it, may still be news. */
function mayBeNews(known: NoticeBook["known"], rules: readonly Rule[], run: Run): boolean {
  const { createdAt } = run;
  const one = knownOf(known, run);
  if (one) return one.isAlive;
  return createdAt !== undefined && rules.some(({ since }) => createdAt > since);
}
