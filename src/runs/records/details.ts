import { posix } from "node:path";
import type { CopyView } from "../../sync/localCopy.js";
import type { Run } from "../../sync/runIndex/runs.js";
import type { Syncs } from "../../sync/syncs.js";
import type { Sync } from "../../sync/syncState.js";
import type { MetricFigures, RunDetails, SkippedPart } from "../runDetails.js";
import { betterByName } from "./better.js";
import { type ReadEvents, readEvents } from "./eventFile.js";
import { figuresAt } from "./figures.js";
import { readBefore } from "./readRow.js";
import type { Row, Space } from "./row.js";
import { filesOfRun } from "./runFiles.js";
import { readSmallFile } from "./smallFile.js";
import { betterOfRun } from "./table.js";
import { codeOf, commandOf, environmentOf, noteOf, parametersOf, summaryOf } from "./smallFileValues.js";
import type { FlatValues, ValueLimits } from "./values.js";

const limits: ValueLimits = { values: 10_000, text: 64 * 1024 };

const smallNames = ["meta.json", "status.json", "summary.json", "assets.json", "environment.json"] as const;
type SmallName = (typeof smallNames)[number];
type SmallFiles = Readonly<Partial<Record<SmallName, Readonly<Record<string, unknown>>>>>;

export interface DetailsParts {
  readonly syncs: Pick<Syncs, "fetch">;
  readonly sync: Sync;
  readonly run: Run;
  readonly view: CopyView;
  /** Its row in the table. */
  readonly row: Row | undefined;
  readonly space: Space;
}

/** Reads the files of a run. @throws like `RunRecords.details`. */
export async function readDetails(parts: DetailsParts, signal?: AbortSignal): Promise<RunDetails> {
  const { run, view, sync } = parts;
  const skipped: SkippedPart[] = [...notPermitted(sync, run.folder)];
  const contents = await readSmallFiles(parts, skipped, signal);
  const events = await readMetrics(parts, skipped, signal);
  const { files, bytes } = await filesOfRun(view.entries, run.folder);
  const take = (name: SmallName, { values, leftOut }: FlatValues): FlatValues["values"] => {
    if (leftOut > 0) skipped.push({ path: name, reason: "too-many", lines: leftOut });
    return values;
  };
  const { "meta.json": meta, "environment.json": environment } = contents;
  const snapshot = files.find(({ path }) => path === "code_snapshot.zip")?.path;
  return {
    run,
    parameters: take("assets.json", parametersOf(contents["assets.json"], limits)),
    summary: take("summary.json", summaryOf(contents["summary.json"], limits)),
    metrics: events,
    note: noteOf(meta),
    code: codeOf(environment, snapshot),
    environment: take("environment.json", environmentOf(meta, environment, limits)),
    command: commandOf(meta, environment),
    files,
    bytes,
    skipped,
  };
}

/** Files that the host does not let us read, or cannot read. */
function* notPermitted({ skipped }: Sync, folder: string): Iterable<SkippedPart> {
  for (const { path, why } of skipped) {
    const isWithin = path.startsWith(`${folder}/`);
    if (!isWithin && path !== folder && path !== "" && !folder.startsWith(`${path}/`)) continue;
    if (why !== "denied" && why !== "unreadable") continue;
    const within = isWithin ? posix.relative(folder, path) : "";
    yield { path: within, reason: why === "denied" ? "no-permission" : "damaged", lines: 0 };
  }
}

async function readSmallFiles(
  { syncs, run, view }: DetailsParts,
  skipped: SkippedPart[],
  signal: AbortSignal | undefined,
): Promise<SmallFiles> {
  const contents: Partial<Record<SmallName, Readonly<Record<string, unknown>>>> = {};
  let isAnyHere = false;
  let failure: Error | undefined;
  for (const name of smallNames) {
    const path = `${run.folder}/${name}`;
    const entry = view.entries.get(path);
    if (!entry) continue;
    try {
      if (!entry.held) await syncs.fetch(run.syncId, path, { signal });
    } catch (error) {
      if (signal?.aborted) throw error;
      failure ??= error instanceof Error ? error : new Error(String(error));
      continue;
    }
    const file = await readSmallFile(view.placeOf(path));
    if (file.kind === "missing") continue;
    isAnyHere = true;
    if (file.kind === "read") contents[name] = file.value;
    else if (!skipped.some((one) => one.path === name))
      skipped.push({ path: name, reason: file.kind, lines: 0 });
  }
  if (!isAnyHere && failure !== undefined) throw failure;
  return contents;
}

async function readMetrics(
  { run, view, row, space }: DetailsParts,
  skipped: SkippedPart[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, MetricFigures>> {
  const path = `${run.folder}/events.jsonl`;
  if (!view.entries.get(path)?.held) return new Map();
  const before: ReadEvents | undefined =
    row?.events && row.metrics ? readBefore(row.events, row.metrics, space) : undefined;
  const read = await readEvents(view.placeOf(path), before, { isOver: run.status !== "running", signal });
  if (!read) return new Map();
  const { damaged, tooLong } = read.state;
  if (damaged > 0) skipped.push({ path: "events.jsonl", reason: "damaged", lines: damaged });
  if (tooLong > 0) skipped.push({ path: "events.jsonl", reason: "too-large", lines: tooLong });
  const { leftOut } = read.figures;
  if (leftOut > 0) skipped.push({ path: "events.jsonl", reason: "too-many", lines: leftOut });
  return new Map(
    Array.from(read.figures.metrics, ([name, numbers]) => [
      name,
      figuresAt(numbers, 0, betterOfRun({ run }, name, betterByName(name))),
    ]),
  );
}
