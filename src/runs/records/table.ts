import type { RunName } from "../runName.js";
import type {
  ColumnGroup,
  ColumnKind,
  LeftOut,
  MetricFigure,
  RunColumn,
  RunTable,
  RunValue,
} from "../runTable.js";
import type { Run } from "../../sync/runIndex/run.js";
import { betterByName } from "./better.js";
import { figureAt, figureCount } from "./figures.js";
import { kindAt, nameIn, placeIn, type Row, type Shape, type Space } from "./row.js";
import { runProperties, type TableRow } from "./runColumns.js";

/** Maximum number of columns of a table; the most common are kept. */
const mostColumns = 5_000;
const figuresShown: readonly MetricFigure[] = ["last", "min", "max", "best"];
const groups: readonly ColumnGroup[] = ["parameter", "summary", "metric", "environment"];

type Better = "min" | "max" | undefined;

export interface TableParts {
  readonly space: Space;
  /** In any order. */
  readonly rows: readonly TableRow[];
  readonly version: number;
  readonly unread: number;
  readonly leftOut: Omit<LeftOut, "columns" | "values">;
}

export function createTable({ space, rows: unsorted, version, unread, leftOut }: TableParts): RunTable {
  const rows = [...unsorted].sort(newestFirst);
  const { counted, dropped } = countNames(space, rows);
  const betterOf = betterIn(rows);
  const columns = new Map<string, RunColumn>();
  const add = (column: RunColumn): void => void columns.set(column.id, column);
  for (const { name, kind, of } of runProperties(space)) {
    const at = (row: number): RunValue | undefined => {
      const one = rows[row];
      return one && of(one);
    };
    const better = name === "best" ? betterOfBest(rows) : undefined;
    add(columnOf({ group: "run", name, kind, better, at }, rows.length));
  }
  for (const names of counted) {
    for (const one of names) {
      const better = one.group === "metric" || one.group === "summary" ? betterOf(one.name) : undefined;
      if (one.group === "metric") for (const column of metricColumns(one, rows, better)) add(column);
      else add(valueColumn(space, one, rows, better));
    }
  }
  const places = createPlaces(rows);
  const runAt = (place: number): Run => {
    const one = rows[place];
    if (!one) throw new RangeError(`no row ${place}`);
    return one.row.run;
  };
  return {
    version,
    count: rows.length,
    unread,
    leftOut: {
      ...leftOut,
      columns: dropped,
      values: rows.reduce((sum, { row }) => sum + row.leftOut + (row.events?.leftOut ?? 0), 0),
    },
    columns,
    runAt,
    rowOf: (name) => places().rowOf(name),
    nameAt: (row) => places().nameOf(runAt(row)),
    unreadLines: (row) => {
      const { damaged = 0, tooLong = 0 } = rows[row]?.row.events ?? {};
      return damaged + tooLong;
    },
  };
}

/** Finds rows by name; builds its index on first use. */
function createPlaces(rows: readonly TableRow[]) {
  const look = () => {
    const first = new Map<string, number>();
    /** For ids that several runs of a root share. */
    const shared = new Map<string, number>();
    rows.forEach(({ row: { run } }, place) => {
      const other = first.get(keyOf(run));
      if (other === undefined) return first.set(keyOf(run), place);
      shared.set(folderKeyOf(run), place);
      const before = rows[other]?.row.run;
      if (before) shared.set(folderKeyOf(before), other);
    });
    return {
      rowOf: (name: RunName): number | undefined => {
        const place = first.get(keyOf(name));
        if (name.inFolder === undefined || place === undefined) return place;
        if (rows[place]?.row.run.folder === name.inFolder) return place;
        return shared.get(folderKeyOf({ ...name, folder: name.inFolder }));
      },
      nameOf: ({ syncId, id, folder }: Run): RunName =>
        shared.has(folderKeyOf({ syncId, id, folder })) ? { syncId, id, inFolder: folder } : { syncId, id },
    };
  };
  let found: ReturnType<typeof look> | undefined;
  return () => (found ??= look());
}

function keyOf({ syncId, id }: RunName): string {
  return `${syncId} ${id}`;
}

function folderKeyOf(run: Pick<Run, "syncId" | "id" | "folder">): string {
  return `${keyOf(run)}\n${run.folder}`;
}

function newestFirst({ row: { run: a } }: TableRow, { row: { run: b } }: TableRow): number {
  return (b.createdAt ?? 0) - (a.createdAt ?? 0) || (a.folder < b.folder ? 1 : -1);
}

/** A name, and how many runs use it. */
interface CountedName {
  readonly id: number;
  readonly group: ColumnGroup;
  readonly name: string;
  readonly count: number;
  readonly isNumber: boolean;
}

/** The names of each group, most common first, and how many columns are left out. */
function countNames(
  space: Space,
  rows: readonly TableRow[],
): { readonly counted: readonly (readonly CountedName[])[]; readonly dropped: number } {
  const counts = new Int32Array(space.names.size);
  const others = new Int32Array(space.names.size);
  for (const [shape, count] of shapesOf(rows)) {
    shape.ids.forEach((id, place) => {
      counts[id] = (counts[id] ?? 0) + count;
      if (shape.kinds.length > 0 && kindAt(shape, place) !== "number") others[id] = (others[id] ?? 0) + count;
    });
  }
  const all: CountedName[] = [];
  counts.forEach((count, id) => {
    if (count === 0) return;
    const name = nameIn(space.names.textAt(id));
    if (name.group !== "run") all.push({ id, ...name, count, isNumber: others[id] === 0 });
  });
  // The sort is stable: equally common names stay in the order of first use.
  all.sort((one, other) => other.count - one.count);
  const kept: CountedName[] = [];
  let [width, dropped] = [0, 0];
  for (const one of all) {
    const more = one.group === "metric" ? figuresShown.length : 1;
    if (width + more > mostColumns) dropped += more;
    else {
      width += more;
      kept.push(one);
    }
  }
  return { counted: groups.map((group) => kept.filter((one) => one.group === group)), dropped };
}

function shapesOf(rows: readonly TableRow[]): ReadonlyMap<Shape, number> {
  const counts = new Map<Shape, number>();
  const add = (shape: Shape): void => void counts.set(shape, (counts.get(shape) ?? 0) + 1);
  for (const { row } of rows) {
    add(row.values.shape);
    if (row.metrics) add(row.metrics.shape);
  }
  return counts;
}

/** Which values of a metric are good: by majority of the runs that say so, else by its name. */
function betterIn(rows: readonly TableRow[]): (name: string) => Better {
  const votes = new Map<string, number>();
  for (const { row } of rows) {
    const { name, mode } = row.run.bestMetric ?? {};
    if (name !== undefined && mode) votes.set(name, (votes.get(name) ?? 0) + (mode === "min" ? -1 : 1));
  }
  return (name) => {
    const vote = votes.get(name) ?? 0;
    return vote === 0 ? betterByName(name) : vote < 0 ? "min" : "max";
  };
}

/** The mode of `run.best`, if all runs agree. */
function betterOfBest(rows: readonly TableRow[]): Better {
  const found = new Set<string>();
  for (const { row } of rows) {
    const { bestMetric } = row.run;
    if (bestMetric) found.add(bestMetric.mode ?? betterByName(bestMetric.name) ?? "");
  }
  const [only, ...more] = found;
  return more.length === 0 && (only === "min" || only === "max") ? only : undefined;
}

function valueColumn(
  space: Space,
  { id, group, name, count, isNumber }: CountedName,
  rows: readonly TableRow[],
  better: Better,
): RunColumn {
  const place = placeFinder(id);
  const at = (row: number): RunValue | undefined => {
    const values = rows[row]?.row.values;
    if (!values) return undefined;
    const found = place(values.shape);
    return found < 0 ? undefined : space.valueAt(values, found);
  };
  const [kind, good] = isNumber ? (["number", better] as const) : (["text", undefined] as const);
  return columnOf({ group, name, kind, better: good, at, filled: count }, rows.length);
}

function* metricColumns(
  { id, name }: CountedName,
  rows: readonly TableRow[],
  better: Better,
): Iterable<RunColumn> {
  const place = placeFinder(id);
  for (const figure of figuresShown) {
    if (figure === "best" && better === undefined) continue;
    const at = (row: number): number | undefined => {
      const one = rows[row]?.row;
      if (!one?.metrics) return undefined;
      const found = place(one.metrics.shape);
      if (found < 0) return undefined;
      const which = figure === "best" ? betterOfRun(one, name, better) : figure;
      return which && figureAt(one.metrics.numbers, found * figureCount, which);
    };
    yield columnOf({ group: "metric", name, figure, kind: "number", better, at }, rows.length);
  }
}

/** The run's own mode takes precedence. */
export function betterOfRun({ run }: Pick<Row, "run">, name: string, usual: Better): Better {
  return (run.bestMetric?.name === name ? run.bestMetric.mode : undefined) ?? usual;
}

/** Finds a name in shapes; caches the last shape. */
function placeFinder(id: number): (shape: Shape) => number {
  let last: Shape | undefined;
  let place = -1;
  return (shape) => {
    if (shape !== last) [last, place] = [shape, placeIn(shape, id)];
    return place;
  };
}

interface ColumnParts {
  readonly group: ColumnGroup;
  readonly name: string;
  readonly figure?: MetricFigure;
  readonly kind: ColumnKind;
  readonly better: Better;
  readonly at: (row: number) => RunValue | undefined;
  /** Default: counted on first use. */
  readonly filled?: number;
}

/** Creates a column that counts its values on first use. */
function columnOf(
  { group, name, figure, kind, better, at, filled }: ColumnParts,
  rowCount: number,
): RunColumn {
  let counted = filled;
  const count = (): number => {
    let found = 0;
    for (let row = 0; row < rowCount; row += 1) if (at(row) !== undefined) found += 1;
    return found;
  };
  return {
    id: figure ? `metric.${name}.${figure}` : `${group}.${name}`,
    group,
    name,
    figure,
    kind,
    better,
    at,
    get filled() {
      return (counted ??= count());
    },
  };
}
