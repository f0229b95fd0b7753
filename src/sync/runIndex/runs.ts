import { open } from "node:fs/promises";
import type { Cache } from "../cache/cache.js";
import { runFolderOf } from "./layout.js";
import { findRunFolders, isDeletedRun, isGoneRun } from "./runFolders.js";
import type { RunningRun, RunSign, RunSigns } from "./runSigns.js";
import { decodeText } from "../../common/text/decodeText.js";
import { areShort, keptSummary, keptTags, keptText, shortText, TextRoom } from "./keptTexts.js";
import { parsePythonJson } from "../../common/text/pythonJson.js";

/** One run, as its small JSON files tell it. */
export interface Run {
  /** Which synchronised root it belongs to. */
  readonly syncId: string;
  readonly id: string;
  /** Its folder, relative to the root. */
  readonly folder: string;
  /** `<project>/<name>` up to Runicorn 0.5, the path since. */
  readonly path: string;
  readonly project: string;
  readonly name: string;
  readonly alias: string | undefined;
  readonly tags: readonly string[];
  /**
   * `running`, `finished`, `failed`, `interrupted` or what a later Runicorn says; `unknown` where nothing says it. `failed`
   * too where its files say that it is running and the host says that its process is gone.
   */
  readonly status: string;
  /** What the host says of a run whose files say that it is running, where that is worth a word. */
  readonly sign: RunSign | undefined;
  /** Seconds since the epoch by the host's clock. */
  readonly createdAt: number | undefined;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  readonly pid: number | undefined;
  /** What the machine that it was started on calls itself. */
  readonly hostname: string | undefined;
  readonly bestMetric: BestMetric | undefined;
  /** It lies in Runicorn's recycle bin, or is marked as deleted. */
  readonly isDeleted: boolean;
  /** None of its small files was on the host when that was last listed. */
  readonly isGone: boolean;
  /** Those of its small files that are there and are not what they should be; the rest of the run is told. */
  readonly damaged: readonly string[];
  /** What is kept of its summary: the JSON of an object. */
  readonly summary: string;
  /** Its small files tell more than is kept of them. */
  readonly isShortened: boolean;
  readonly assetsCount: number;
  readonly artifactsCreatedCount: number;
  readonly artifactsUsedCount: number;
}

export interface BestMetric {
  readonly name: string;
  readonly value: number;
  /** Whether a low or a high value is good; undefined where the run did not say so. */
  readonly mode: "min" | "max" | undefined;
}

/** The runs of one cache. */
export interface RunIndex {
  /** Newest first, deleted ones too. Reads only what changed since the last call. */
  list(): Promise<readonly Run[]>;
  /** Those that are not deleted and whose files say that they are running. */
  running(): Promise<readonly RunningRun[]>;
  /** How many runs there are beside those: of very many, those that changed last are told of. */
  leftOut(): Promise<number>;
}

interface Known {
  readonly key: number;
  readonly run: Run;
}

/** Bytes: what is larger is not the small JSON that it pretends to be. */
const largestMetadata = 4 * 1024 * 1024;
/** Runs that are read at once, and bytes of their files. */
const atOnce = 16;
const bytesAtOnce = 4 * 1024 * 1024;

export function createRunIndex(syncId: string, cache: Cache, signs?: Pick<RunSigns, "of">): RunIndex {
  const known = new Map<string, Known>();
  const room = new TextRoom();
  let version = -1;
  let [latest, leftOut]: [readonly Run[], number] = [[], 0];
  let reading: Promise<readonly Run[]> | undefined;

  const refresh = async (): Promise<readonly Run[]> => {
    if (cache.manifest.version === version) return latest;
    version = cache.manifest.version;
    const { keys, leftOut: more } = await findRunFolders(cache.manifest.entries);
    for (const folder of [...known.keys()]) {
      if (keys.has(folder)) continue;
      known.delete(folder);
      room.leave(folder);
    }
    const changed = [...keys].filter(([folder, key]) => known.get(folder)?.key !== key);
    for (const some of inBatches(changed, cache)) {
      await Promise.all(
        some.map(async ([folder, key]) => {
          const run = await readRun(syncId, folder, cache);
          known.set(folder, { key, run: room.take(folder, charactersOf(run)) ? run : shortened(run) });
        }),
      );
    }
    latest = [...known.values()].map(({ run }) => run).sort(newestFirst);
    leftOut = more;
    return latest;
  };

  const read = (): Promise<readonly Run[]> => (reading ??= refresh().finally(() => (reading = undefined)));
  return {
    list: async () => (await read()).map((run) => withSign(run, signs?.of(run.folder))),
    leftOut: async () => (await read(), leftOut),
    running: async () =>
      (await read()).filter(({ status, isDeleted, isGone }) => status === "running" && !isDeleted && !isGone),
  };
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
  const { id, path, project, name, alias, status, hostname } = run;
  const short = (text: string): string => keptText(text, shortText) ?? "";
  return {
    ...run,
    ...{
      id: short(id),
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
    id: keptText(meta["id"]) ?? place?.id ?? folder,
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
    const file = await open(files.bytesOf(path), "r");
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
