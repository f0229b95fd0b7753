/** The metric by which runs are ranked, and which of its values are good. */
export interface BestBy {
  readonly metric: string;
  readonly mode: "min" | "max";
}

/** The runs to highlight among many. */
export interface BestRuns {
  /** Undefined if no metric can be used: `runs` are then the newest. */
  readonly by: BestBy | undefined;
  /** Indexes of the runs, best first. */
  readonly runs: readonly number[];
}

/**
 * Ranks by the best metric that most runs name, of those to which all runs give the same mode.
 * @param most maximum number of runs.
 */
export function bestRuns(
  runs: readonly {
    readonly bestMetric:
      { readonly name: string; readonly value: number; readonly mode: "min" | "max" | undefined } | undefined;
    /** Seconds since the epoch. */
    readonly createdAt: number | undefined;
  }[],
  most: number,
): BestRuns {
  const named = new Map<string, { count: number; readonly modes: Set<"min" | "max"> }>();
  for (const { bestMetric } of runs) {
    if (!bestMetric?.mode || !Number.isFinite(bestMetric.value)) continue;
    const one = named.get(bestMetric.name) ?? { count: 0, modes: new Set() };
    named.set(bestMetric.name, one);
    one.count += 1;
    one.modes.add(bestMetric.mode);
  }
  const agreed = [...named].filter(([, { modes }]) => modes.size === 1);
  const [found] = agreed.sort(([, one], [, other]) => other.count - one.count);
  const all = runs.map((_, index) => index);
  if (!found) {
    const age = (run: number): number => -(runs[run]?.createdAt ?? 0);
    return { by: undefined, runs: all.sort((one, other) => age(one) - age(other)).slice(0, most) };
  }
  const [metric, { modes }] = found;
  const mode = modes.has("min") ? "min" : "max";
  const sign = mode === "min" ? 1 : -1;
  const valueOf = (run: number): number => (runs[run]?.bestMetric?.value ?? 0) * sign;
  const ranked = all
    .filter((run) => runs[run]?.bestMetric?.name === metric && Number.isFinite(valueOf(run)))
    .sort((one, other) => valueOf(one) - valueOf(other));
  return { by: { metric, mode }, runs: ranked.slice(0, most) };
}
