import type {
  ColumnGroup,
  ColumnKind,
  MetricFigure,
  RunColumn,
  RunTable,
  RunValue,
} from "../../../src/runs/runTable.js";
import { namesAmong, runsByName } from "../../../src/runs/runNames.js";
import type { Run } from "../../../src/sync/runIndex/runs.js";

const emptyRun: Run = {
  syncId: "root",
  id: "",
  folder: "",
  path: "vision/resnet",
  project: "vision",
  name: "resnet",
  alias: undefined,
  tags: [],
  status: "finished",
  sign: undefined,
  createdAt: undefined,
  startedAt: undefined,
  endedAt: undefined,
  pid: undefined,
  hostname: undefined,
  bestMetric: undefined,
  isDeleted: false,
  isGone: false,
  damaged: [],
  summary: "{}",
  isShortened: false,
  assetsCount: 0,
  artifactsCreatedCount: 0,
  artifactsUsedCount: 0,
};

/** A run with few facts of its own. */
export function runWith(facts: Partial<Run>): Run {
  return { ...emptyRun, folder: `runs/${facts.id ?? ""}`, ...facts };
}

export interface ColumnFacts {
  readonly group?: ColumnGroup;
  readonly name: string;
  readonly figure?: MetricFigure;
  readonly kind?: ColumnKind;
  readonly better?: "min" | "max";
  readonly values: readonly (RunValue | undefined)[] | ((row: number) => RunValue | undefined);
}

let version = 0;

/** A table of these runs and columns, as they were written by hand. */
export function tableOf(runs: readonly Run[], facts: readonly ColumnFacts[]): RunTable {
  const columns = new Map<string, RunColumn>();
  for (const { group = "parameter", name, figure, kind = "number", better, values } of facts) {
    const at = (row: number): RunValue | undefined =>
      typeof values === "function" ? values(row) : values[row];
    const filled = runs.filter((_, row) => at(row) !== undefined).length;
    const id = [group, name, ...(figure ? [figure] : [])].join(".");
    columns.set(id, { id, group, name, figure, kind, better, filled, at });
  }
  const [find, nameOf] = [runsByName(runs), namesAmong(runs)];
  return {
    version: (version += 1),
    count: runs.length,
    unread: 0,
    leftOut: { runs: 0, columns: 0, values: 0 },
    columns,
    runAt: (row) => runs[row]!,
    rowOf: (name) => {
      const found = find(name);
      return found && runs.indexOf(found);
    },
    nameAt: (row) => nameOf(runs[row]!),
    unreadLines: () => 0,
  };
}
