import type { CopyView } from "../../sync/localCopy.js";
import type { Run } from "../../sync/runIndex/runs.js";
import type { ColumnGroup, RunValue } from "../runTable.js";
import { type ReadEvents, readEvents } from "./eventFile.js";
import { GrowingFigures } from "./figures.js";
import type { PackedFigures, ReadMark, Row, Space } from "./row.js";
import { readSmallFile, type SmallFile } from "./smallFile.js";
import { codeOf, environmentOf, noteOf, parametersOf, summaryOf } from "./smallFileValues.js";
import type { FlatValues, ValueLimits } from "./values.js";

/** Limits for each file of a run in a table. */
const limits: ValueLimits = { values: 2_000, text: 1_000 };

/** The small files that rows are made from. */
const smallNames = ["meta.json", "summary.json", "assets.json", "environment.json"] as const;
const eventsName = "events.jsonl";

/** Reads the small files of a run. Takes what was read of its events from `before`. */
export async function readRow(
  view: CopyView,
  run: Run,
  key: string,
  space: Space,
  before: Row | undefined,
): Promise<Row> {
  const contents = await Promise.all(
    smallNames.map(async (name) => {
      const path = `${run.folder}/${name}`;
      return view.entries.get(path)?.held ? objectIn(await readSmallFile(view.placeOf(path))) : undefined;
    }),
  );
  const [meta, summary, assets, environment] = contents;
  const parts: readonly (readonly [ColumnGroup, FlatValues])[] = [
    ["parameter", parametersOf(assets, limits)],
    ["summary", summaryOf(summary, limits)],
    ["environment", environmentOf(meta, environment, limits)],
  ];
  const code = codeOf(environment, undefined);
  const own = { commit: code?.commit, branch: code?.branch, dirty: code?.isDirty, note: noteOf(meta) };
  const { packed, leftOut } = space.pack(valuesOf(own, parts));
  return {
    run,
    key,
    values: packed,
    metrics: before?.metrics,
    events: before?.events,
    leftOut: parts.reduce((sum, [, flat]) => sum + flat.leftOut, leftOut),
    writtenAt: before?.writtenAt,
  };
}

function* valuesOf(
  own: Readonly<Record<string, RunValue | undefined>>,
  parts: readonly (readonly [ColumnGroup, FlatValues])[],
): Iterable<readonly [ColumnGroup, string, RunValue]> {
  for (const name in own) {
    const value = own[name];
    if (value !== undefined)
      yield ["run", name, typeof value === "string" ? value.slice(0, limits.text) : value];
  }
  for (const [group, { values }] of parts) for (const [name, value] of values) yield [group, name, value];
}

function objectIn(file: SmallFile): Readonly<Record<string, unknown>> | undefined {
  return file.kind === "read" ? file.value : undefined;
}

/** Identifies the state of the local events of a run; undefined if they are not here. */
export function stampOfEvents({ entries }: CopyView, run: Run): string | undefined {
  const number = entries.numberOf(`${run.folder}/${eventsName}`);
  const held = number === undefined ? undefined : entries.heldAt(number);
  return held && `${held.size} ${held.mtime} ${held.inode}${isOver(run) ? " over" : ""}`;
}

/** When a run has ended, its last line counts even without a line ending. */
function isOver({ status }: Run): boolean {
  return status !== "running";
}

/** Reads new events of a run. */
export async function readRowEvents(
  view: CopyView,
  row: Row,
  space: Space,
  signal?: AbortSignal,
): Promise<Row> {
  const { run } = row;
  const path = `${run.folder}/${eventsName}`;
  const stamp = stampOfEvents(view, run);
  if (stamp === undefined) return { ...row, metrics: undefined, events: undefined, writtenAt: undefined };
  const before = row.events && row.metrics && readBefore(row.events, row.metrics, space);
  const read = await readEvents(view.placeOf(path), before, { isOver: isOver(run), signal });
  if (signal?.aborted) return row;
  const writtenAt = Number(view.entries.get(path)?.held?.mtime) || undefined;
  if (!read) return { ...row, metrics: undefined, events: { ...nothing, stamp }, writtenAt };
  const { packed, leftOut } = space.packFigures(read.figures);
  // If metrics did not fit, reread everything next time: they could not start in the middle.
  const state = leftOut > 0 ? nothing : read.state;
  const events = { ...state, stamp, leftOut: leftOut + read.figures.leftOut };
  return { ...row, metrics: packed, events, writtenAt };
}

const nothing = { offset: 0, mark: 0, passedOver: 0, damaged: 0, tooLong: 0 };

export function readBefore(state: ReadMark, metrics: PackedFigures, space: Space): ReadEvents {
  return { state, figures: new GrowingFigures(space.unpackFigures(metrics), state.leftOut) };
}
