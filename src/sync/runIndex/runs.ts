import type { EntryTable } from "../manifest/entryTable.js";
import { openRegular } from "../../common/files/regularFile.js";
import type { Cache } from "../cache/cache.js";
import { type KeptRun, keepRuns, readKeptRuns } from "./keptRuns.js";
import { runFolderOf } from "./layout.js";
import { findRunFolders, isDeletedRun, isGoneRun, keyOfFolder, mostRuns } from "./runFolders.js";
import type { BestMetric, Run } from "./run.js";
import type { RunningRun, RunSign, RunSigns } from "./runSigns.js";
import { decodeText } from "../../common/text/decodeText.js";
import { areShort, keptSummary, keptTags, keptText, shortText, TextRoom } from "./keptTexts.js";
import { parsePythonJson } from "../../common/text/pythonJson.js";

export type { BestMetric, Run } from "./run.js";

/** The runs of one cache. */
export interface RunIndex {
  /** Newest first, deleted ones too. Reads only what changed since the last call. */
  list(): Promise<readonly Run[]>;
  /** Those that are not deleted and whose files say that they are running. */
  running(): Promise<readonly RunningRun[]>;
  /** What tells whether the small files of a run are as they were when it was listed; undefined for no run. */
  keyOf(folder: string): string | undefined;
  /** How many runs there are beside those: of very many, those that changed last are told of. */
  leftOut(): Promise<number>;
}

/** Runs that are read at once are kept for the next start where there are as many. */
const worthKeeping = 64;
/** Bytes: what is larger is not the small JSON that it pretends to be. */
const largestMetadata = 4 * 1024 * 1024;
/** Runs that are read at once, and bytes of their files. */
const atOnce = 16;
const bytesAtOnce = 4 * 1024 * 1024;

export function createRunIndex(syncId: string, cache: Cache, signs?: Pick<RunSigns, "of">): RunIndex {
  const known = new Map<string, KeptRun>();
  const room = new TextRoom();
  let version = -1;
  /** What was read last, and how much of it. */
  let read: { readonly entries: EntryTable | undefined; readonly changes: number } = {
    entries: undefined,
    changes: 0,
  };
  let [latest, leftOut]: [readonly Run[], number] = [[], 0];
  let reading: Promise<readonly Run[]> | undefined;

  const know = (folder: string, { key, run, characters }: KeptRun): void => {
    const fits = room.take(folder, characters);
    known.set(folder, { key, characters, run: fits ? run : shortened(run) });
  };

  const keep = (): void => {
    // Without it they are read again at the next start.
    void keepRuns(cache.folder, [...known.values()]).catch(() => undefined);
  };

  /** Reads these runs. */
  const take = async (changed: readonly (readonly [folder: string, key: string])[]): Promise<void> => {
    for (const some of inBatches(changed, cache)) {
      await Promise.all(
        some.map(async ([folder, key]) => {
          const run = await readRun(syncId, folder, cache);
          know(folder, { key, run, characters: charactersOf(run) });
        }),
      );
    }
    if (changed.length >= worthKeeping) keep();
  };

  const takeAll = async (entries: EntryTable): Promise<void> => {
    const { keys, leftOut: more } = await findRunFolders(entries);
    if (known.size === 0 && keys.size >= worthKeeping) {
      for (const [folder, kept] of await readKeptRuns(cache.folder, syncId)) {
        if (keys.get(folder) === kept.key) know(folder, kept);
      }
    }
    for (const folder of [...known.keys()]) {
      if (keys.has(folder)) continue;
      known.delete(folder);
      room.leave(folder);
    }
    await take([...keys].filter(([folder, key]) => known.get(folder)?.key !== key));
    leftOut = more;
  };

  const refresh = async (): Promise<readonly Run[]> => {
    if (cache.manifest.version === version) return latest;
    version = cache.manifest.version;
    const { entries } = cache.manifest;
    const folders = entries === read.entries ? entries.changedFolders(read.changes) : undefined;
    read = { entries, changes: entries.changes };
    const changed = folders && leftOut === 0 ? changedRuns(entries, folders, known) : undefined;
    if (!changed) await takeAll(entries);
    else if (changed.length > 0) await take(changed);
    else return latest;
    latest = [...known.values()].map(({ run }) => run).sort(newestFirst);
    return latest;
  };

  const readRuns = (): Promise<readonly Run[]> =>
    (reading ??= refresh().finally(() => (reading = undefined)));
  return {
    list: async () => (await readRuns()).map((run) => withSign(run, signs?.of(run.folder))),
    keyOf: (folder) => known.get(folder)?.key,
    leftOut: async () => (await readRuns(), leftOut),
    running: async () =>
      (await readRuns()).filter(
        ({ status, isDeleted, isGone }) => status === "running" && !isDeleted && !isGone,
      ),
  };
}

/** Folders that are looked at one by one. */
const mostChanged = 1_000;

/**
 * The runs in folders in which something changed.
 * @returns undefined where all of them are to be looked at: a run is there no longer, or others may lie in a new one.
 */
function changedRuns(
  entries: EntryTable,
  folders: ReadonlySet<number>,
  known: ReadonlyMap<string, KeptRun>,
): readonly (readonly [folder: string, key: string])[] | undefined {
  if (folders.size > mostChanged || known.size + folders.size > mostRuns) return undefined;
  const changed: (readonly [string, string])[] = [];
  for (const number of folders) {
    const folder = entries.pathOf(number);
    const [before, key] = [known.get(folder)?.key, keyOfFolder(entries, folder)];
    if (before === key) continue;
    if (key === undefined) return undefined;
    if (before === undefined) {
      if (foldersAbove(folder).some((one) => known.has(one))) continue;
      for (const one of known.keys()) if (one.startsWith(`${folder}/`)) return undefined;
    }
    changed.push([folder, key]);
  }
  return changed;
}

function foldersAbove(folder: string): readonly string[] {
  const parts = folder.split("/");
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("/"));
}

/** Of so many bytes that all of them may be in memory at once, in any form; or one alone. */
function* inBatches<T>(
  folders: readonly (readonly [folder: string, other: T])[],
  { manifest }: Cache,
): Iterable<readonly (readonly [folder: string, other: T])[]> {
  let [batch, bytes]: [(readonly [string, T])[], number] = [[], 0];
  for (const one of folders) {
    const sizes = readNames.map((name) => manifest.get(`${one[0]}/${name}.json`)?.held?.size ?? 0);
    const more = sizes.reduce((sum, size) => sum + Math.min(size, largestMetadata), 0);
    if (batch.length === atOnce || (batch.length > 0 && bytes + more > bytesAtOnce)) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push(one);
    bytes += more;
  }
  if (batch.length > 0) yield batch;
}

function charactersOf(run: Run): number {
  return JSON.stringify(run).length;
}

/** Where there is no room for the texts of a run. */
function shortened(run: Run): Run {
  const { path, project, name, alias, status, hostname } = run;
  const short = (text: string): string => keptText(text, shortText) ?? "";
  return {
    ...run,
    ...{
      path: short(path),
      project: short(project),
      name: short(name),
      status: short(status),
    },
    alias: alias && short(alias),
    hostname: hostname && short(hostname),
    bestMetric: run.bestMetric && { ...run.bestMetric, name: short(run.bestMetric.name) },
    tags: [],
    summary: "{}",
    isShortened: true,
  };
}

/** @param sign what the host said of it while its files said that it was running. */
function withSign(run: Run, sign: RunSign | undefined): Run {
  if (run.status !== "running" || !sign) return run;
  return { ...run, sign, status: sign.kind === "process-gone" ? "failed" : run.status };
}

function newestFirst(a: Run, b: Run): number {
  return (b.createdAt ?? 0) - (a.createdAt ?? 0) || (a.folder < b.folder ? 1 : -1);
}

async function readRun(syncId: string, folder: string, cache: Cache): Promise<Run> {
  const files = await readFiles(cache, folder);
  const { meta = {}, status = {}, summary = {}, assets, artifacts_created, artifacts_used } = files.found;
  const place = runFolderOf(`${folder}/meta.json`);
  const path = keptText(meta["path"]) ?? place?.group ?? "";
  const parts = path.split("/");
  const kept = keptSummary(summary);
  const tags = keptTags(listOf(meta["tags"]));
  const told = [...Object.values(meta), status["status"], summary["best_metric_name"]];
  return {
    syncId,
    // Runicorn finds a run by its folder: in one that somebody copied, the id of another run stands.
    id: place?.id ?? folder,
    folder,
    path,
    project: keptText(meta["project"]) ?? parts[0] ?? "",
    name: keptText(meta["name"]) ?? (parts.slice(1).join("/") || (parts[0] ?? "")),
    alias: keptText(meta["alias"]),
    tags: tags.length > 0 ? tags : noTexts,
    status: keptText(status["status"]) ?? "unknown",
    sign: undefined,
    createdAt: number(meta["created_at"]) ?? changedAt(folder, cache),
    startedAt: number(status["started_at"]),
    endedAt: number(status["ended_at"]),
    pid: number(meta["pid"]),
    hostname: keptText(meta["hostname"]),
    bestMetric: bestMetricOf(summary),
    isDeleted: isDeletedRun(folder, cache.manifest.entries),
    isGone: isGoneRun(folder, cache.manifest.entries),
    damaged: files.damaged,
    summary: kept.text === "{}" ? "{}" : kept.text,
    isShortened: !kept.isWhole || !areShort(told) || tags.length < listOf(meta["tags"]).filter(isTag).length,
    assetsCount: assetsIn(assets ?? {}),
    artifactsCreatedCount: listOf(artifacts_created?.["artifacts"]).length,
    artifactsUsedCount: listOf(artifacts_used?.["artifacts"]).length,
  };
}

/** The small files that are read, each an object. */
const readNames = ["meta", "status", "summary", "assets", "artifacts_created", "artifacts_used"] as const;
const fileNames = Object.fromEntries(readNames.map((name) => [name, `${name}.json`] as const)) as Readonly<
  Record<(typeof readNames)[number], string>
>;
/** The same for all that have none: a root may have many runs. */
const noTexts: readonly string[] = [];
type RunFiles = Readonly<Partial<Record<(typeof readNames)[number], Readonly<Record<string, unknown>>>>>;

async function readFiles(
  cache: Cache,
  folder: string,
): Promise<{ readonly found: RunFiles; readonly damaged: readonly string[] }> {
  const damaged: string[] = [];
  const found: Partial<Record<string, Readonly<Record<string, unknown>>>> = {};
  // One after the other: each may be large.
  let left = bytesAtOnce;
  for (const name of readNames) {
    const path = `${folder}/${name}.json`;
    const { held } = cache.manifest.get(path) ?? {};
    if (!held) continue;
    left -= held.size;
    const value = left < 0 ? undefined : await readJson(cache, path);
    if (isRecord(value)) found[name] = value;
    else damaged.push(fileNames[name]);
  }
  return { found, damaged: damaged.length > 0 ? damaged.sort() : noTexts };
}

/** When something was last made or removed in the folder: what Runicorn takes where nothing says when the run began. */
function changedAt(folder: string, { manifest }: Cache): number | undefined {
  const seen = manifest.get(folder)?.seen;
  return seen && Number(seen.mtime);
}

/** As Runicorn counts them: the code and the configuration are one each. */
function assetsIn(assets: Readonly<Record<string, unknown>>): number {
  const { code, config } = assets;
  const hasCode = isRecord(code) && isRecord(code["snapshot"]);
  const hasConfig = isRecord(config) && Object.keys(config).length > 0;
  const lists = ["datasets", "pretrained", "outputs"].map((name) => listOf(assets[name]).length);
  return lists.reduce((sum, count) => sum + count, Number(hasCode) + Number(hasConfig));
}

function bestMetricOf(summary: Readonly<Record<string, unknown>>): BestMetric | undefined {
  const name = keptText(summary["best_metric_name"]);
  const value = number(summary["best_metric_value"]);
  const mode = summary["best_metric_mode"];
  if (name === undefined || value === undefined) return undefined;
  return { name, value, mode: mode === "min" || mode === "max" ? mode : undefined };
}

/** Undefined for a file that is damaged, here or on the host: the run is shown with what there is. */
async function readJson({ files }: Cache, path: string): Promise<unknown> {
  try {
    const file = await openRegular(files.placeOf(path));
    if (!file) return undefined;
    try {
      const { size } = await file.stat();
      return size > largestMetadata ? undefined : parsePythonJson(decodeText(await file.readFile()));
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}

function isTag(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function number(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}
