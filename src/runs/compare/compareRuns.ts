import type { MetricFigures, RunDetails } from "../runDetails.js";
import type { RunValue } from "../runTable.js";

/** The group of a row of a comparison. */
export type ComparedGroup = "parameter" | "metric" | "summary" | "code" | "environment";

/** One property of several runs. */
export interface ComparedRow {
  readonly group: ComparedGroup;
  /** As the runs call it. */
  readonly name: string;
  /** In the order of the runs; undefined where a run has none. */
  readonly values: readonly (RunValue | undefined)[];
  /** Whether the values differ. */
  readonly differs: boolean;
  /** Indexes of the runs with the best value, if the metric has a mode and not all runs have that value. */
  readonly best: ReadonlySet<number>;
}

/** Maximum number of rows of each group: a hostile run may have any number. */
const mostRows = 5_000;

/** Runs side by side. */
export interface Comparison {
  /** By group and then by name. */
  readonly rows: readonly ComparedRow[];
  /** How many rows are left out, because a group has too many. */
  readonly leftOut: number;
}

/** Compares the properties of runs. */
export function compareRuns(runs: readonly RunDetails[]): Comparison {
  const modes = modesOf(runs);
  const code = runs.map((run) => codeOf(run));
  const groups = [
    rowsOf(
      "parameter",
      runs.map(({ parameters }) => parameters),
    ),
    rowsOf("metric", runs.map(valuesOfMetrics), modes),
    rowsOf(
      "summary",
      runs.map(({ summary }) => summary),
      modes,
    ),
    rowsOf("code", code),
    rowsOf(
      "environment",
      runs.map(({ environment }) => environment),
    ),
  ];
  return {
    rows: groups.flatMap(({ rows }) => rows),
    leftOut: groups.reduce((sum, { leftOut }) => sum + leftOut, 0),
  };
}

type Mode = "min" | "max";

function rowsOf(
  group: ComparedGroup,
  columns: readonly ReadonlyMap<string, RunValue>[],
  modes?: ReadonlyMap<string, Mode>,
): Comparison {
  const names = new Set<string>();
  for (const column of columns) for (const name of column.keys()) names.add(name);
  const shown = [...names].slice(0, mostRows).sort(byName);
  const rows = shown.map((name) => {
    const values = columns.map((column) => column.get(name));
    const differs = values.some((value) => !Object.is(value, values[0]));
    const mode = modes?.get(name);
    return { group, name, values, differs, best: differs && mode ? bestOf(values, mode) : none };
  });
  return { rows, leftOut: names.size - shown.length };
}

const none: ReadonlySet<number> = new Set();

function byName(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true }) || (a < b ? -1 : 1);
}

function bestOf(values: readonly (RunValue | undefined)[], mode: Mode): ReadonlySet<number> {
  let best: number | undefined;
  for (const value of values) {
    if (typeof value !== "number" || !Number.isFinite(value)) continue;
    if (best === undefined || (mode === "min" ? value < best : value > best)) best = value;
  }
  return new Set(values.flatMap((value, index) => (value === best && best !== undefined ? [index] : [])));
}

/** The best value of each metric if it has a mode, else the last one. */
function valuesOfMetrics({ metrics }: RunDetails): ReadonlyMap<string, RunValue> {
  return new Map([...metrics].map(([name, { best, last }]) => [name, best ?? last]));
}

/** The mode of each metric according to the runs; none if they contradict each other. */
function modesOf(runs: readonly RunDetails[]): ReadonlyMap<string, Mode> {
  const said = new Map<string, Mode | "both">();
  const note = (name: string, mode: Mode | undefined): void => {
    const before = said.get(name);
    if (mode) said.set(name, before === undefined || before === mode ? mode : "both");
  };
  for (const { run, metrics } of runs) {
    for (const [name, figures] of metrics) note(name, modeOf(figures));
    if (run.bestMetric) note(run.bestMetric.name, run.bestMetric.mode);
  }
  return new Map([...said].flatMap(([name, mode]) => (mode === "both" ? [] : [[name, mode] as const])));
}

function modeOf({ best, min, max }: MetricFigures): Mode | undefined {
  if (best === undefined || min === max) return undefined;
  return best === min ? "min" : "max";
}

function codeOf({ code }: RunDetails): ReadonlyMap<string, RunValue> {
  const { commit, branch, isDirty, remote } = code ?? {};
  const values = { commit, branch, dirty: isDirty, remote };
  return new Map(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
}
