import type { BestMetric, Run } from "../../sync/runIndex/runs.js";

export type RunOrder = "newest" | "name" | "best" | "status";

/** Filter and order of the tree of runs. */
export interface Arrangement {
  /** Words that a run's path, alias, id, tags or status must contain; empty: all runs. */
  readonly filter: string;
  readonly order: RunOrder;
}

/** Validates a stored arrangement; default: all runs, newest first. */
export function readArrangement(kept: unknown): Arrangement {
  const { filter, order } = typeof kept === "object" && kept !== null ? (kept as Partial<Arrangement>) : {};
  const isOrder = typeof order === "string" && Object.hasOwn(comparisons, order);
  return { filter: typeof filter === "string" ? filter : "", order: isOrder ? order : "newest" };
}

/** Filters and sorts runs. */
export function arrangeRuns(runs: readonly Run[], { filter, order }: Arrangement): readonly Run[] {
  const words = filter.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const shown = runs.filter((run) => {
    const text = [run.path, run.alias, run.id, run.status, ...run.tags].join(" ").toLocaleLowerCase();
    return words.every((word) => text.includes(word));
  });
  return shown.sort(comparisons[order]);
}

/** Running runs first, then those that failed. */
const statusOrder = ["running", "failed", "interrupted", "unknown", "finished"];

const newest = (a: Run, b: Run): number => (b.createdAt ?? 0) - (a.createdAt ?? 0);

const comparisons: Readonly<Record<RunOrder, (a: Run, b: Run) => number>> = {
  newest,
  name: (a, b) => nameOf(a).localeCompare(nameOf(b)) || newest(a, b),
  best: (a, b) => compareBest(a.bestMetric, b.bestMetric) || newest(a, b),
  status: (a, b) => statusOrder.indexOf(a.status) - statusOrder.indexOf(b.status) || newest(a, b),
};

/** Compares values of the same metric by the mode of the runs; default: high is good. */
function compareBest(a: BestMetric | undefined, b: BestMetric | undefined): number {
  if (!a || !b) return Number(!a) - Number(!b);
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  const isLowGood = (a.mode ?? b.mode) === "min";
  return isLowGood ? a.value - b.value : b.value - a.value;
}

/** The name of a run. */
function nameOf({ alias, id }: Run): string {
  return alias ?? id;
}

/** Groups runs by path, in the order of first appearance. */
export function groupRuns(runs: readonly Run[]): ReadonlyMap<string, readonly Run[]> {
  const groups = new Map<string, Run[]>();
  for (const run of runs) {
    const present = groups.get(run.path);
    if (present) present.push(run);
    else groups.set(run.path, [run]);
  }
  return groups;
}

/** The best value of the metric that most of these runs have; undefined if no run has a mode. */
export function bestOf(runs: readonly Run[]): BestMetric | undefined {
  return bestFirst(runs)[0]?.bestMetric;
}

/** The runs with the metric that most of them have, best first; none if no run has a mode. */
export function bestFirst(runs: readonly Run[]): readonly Run[] {
  const byName = new Map<string, (Run & { readonly bestMetric: BestMetric })[]>();
  for (const run of runs) {
    if (!hasBest(run)) continue;
    const present = byName.get(run.bestMetric.name);
    if (present) present.push(run);
    else byName.set(run.bestMetric.name, [run]);
  }
  const [most = []] = [...byName.values()].sort((a, b) => b.length - a.length);
  const mode = most.find(({ bestMetric }) => bestMetric.mode !== undefined)?.bestMetric.mode;
  if (mode === undefined) return [];
  const sign = mode === "min" ? 1 : -1;
  return [...most].sort((a, b) => sign * (a.bestMetric.value - b.bestMetric.value));
}

function hasBest(run: Run): run is Run & { readonly bestMetric: BestMetric } {
  return run.bestMetric !== undefined;
}
