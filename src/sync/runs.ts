import { open } from "node:fs/promises";
import { posix } from "node:path";
import type { Cache } from "./cache.js";
import { isMetadata, runFolderOf } from "./layout.js";
import { parsePythonJson } from "./pythonJson.js";

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
  /** `running`, `finished`, `failed`, `interrupted` or what a later Runicorn says; `unknown` where nothing says it. */
  readonly status: string;
  /** Seconds since the epoch by the host's clock. */
  readonly createdAt: number | undefined;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  readonly pid: number | undefined;
  readonly bestMetric: { readonly name: string; readonly value: number } | undefined;
  readonly summary: Readonly<Record<string, unknown>>;
  readonly assetsCount: number;
  readonly artifactsCreatedCount: number;
  readonly artifactsUsedCount: number;
}

/** The runs of one cache. */
export interface RunIndex {
  /** Newest first. Reads only what changed since the last call. */
  list(): Promise<readonly Run[]>;
}

interface Known {
  readonly key: string;
  readonly run: Run;
}

/** Bytes: what is larger is not the small JSON that it pretends to be. */
const largestMetadata = 4 * 1024 * 1024;
/** Runs that are read at once. */
const atOnce = 16;

export function createRunIndex(syncId: string, cache: Cache): RunIndex {
  const known = new Map<string, Known>();
  let version = -1;
  let latest: readonly Run[] = [];
  let reading: Promise<readonly Run[]> | undefined;

  const refresh = async (): Promise<readonly Run[]> => {
    if (cache.manifest.version === version) return latest;
    version = cache.manifest.version;
    const keys = metadataKeys(cache);
    for (const folder of [...known.keys()]) if (!keys.has(folder)) known.delete(folder);
    const changed = [...keys].filter(([folder, key]) => known.get(folder)?.key !== key);
    for (let from = 0; from < changed.length; from += atOnce) {
      await Promise.all(
        changed.slice(from, from + atOnce).map(async ([folder, key]) => {
          known.set(folder, { key, run: await readRun(syncId, folder, cache) });
        }),
      );
    }
    latest = [...known.values()].map(({ run }) => run).sort(newestFirst);
    return latest;
  };

  return {
    list: () => (reading ??= refresh().finally(() => (reading = undefined))),
  };
}

function newestFirst(a: Run, b: Run): number {
  return (b.createdAt ?? 0) - (a.createdAt ?? 0) || (a.folder < b.folder ? 1 : -1);
}

/** Every folder with a `meta.json` or `status.json` in the cache, and what tells whether its metadata changed. */
function metadataKeys({ manifest }: Cache): Map<string, string> {
  const keys = new Map<string, string>();
  const runs = new Set<string>();
  for (const { path, kind, held } of manifest.entries.values()) {
    if (kind !== "file" || !held || !isMetadata(path, held.size)) continue;
    const folder = posix.dirname(path);
    keys.set(folder, `${keys.get(folder) ?? ""}${path} ${held.size} ${held.mtime} ${held.inode}\n`);
    if (/\/(meta|status)\.json$/.test(path)) runs.add(folder);
  }
  for (const folder of keys.keys()) if (!runs.has(folder)) keys.delete(folder);
  return keys;
}

async function readRun(syncId: string, folder: string, cache: Cache): Promise<Run> {
  const read = (name: string): Promise<Record<string, unknown>> => readJson(cache, `${folder}/${name}`);
  const [meta, status, summary, assets, created, used] = await Promise.all(
    ["meta", "status", "summary", "assets", "artifacts_created", "artifacts_used"].map((name) =>
      read(`${name}.json`),
    ),
  );
  const place = runFolderOf(`${folder}/meta.json`);
  const path = text(meta?.["path"]) ?? place?.group ?? "";
  const parts = path.split("/");
  const value = number(summary?.["best_metric_value"]);
  const name = text(summary?.["best_metric_name"]);
  return {
    syncId,
    id: text(meta?.["id"]) ?? place?.id ?? folder,
    folder,
    path,
    project: text(meta?.["project"]) ?? parts[0] ?? "",
    name: text(meta?.["name"]) ?? (parts.slice(1).join("/") || (parts[0] ?? "")),
    alias: text(meta?.["alias"]),
    tags: listOf(meta?.["tags"]).flatMap((tag) => text(tag) ?? []),
    status: text(status?.["status"]) ?? "unknown",
    createdAt: number(meta?.["created_at"]),
    startedAt: number(status?.["started_at"]),
    endedAt: number(status?.["ended_at"]),
    pid: number(meta?.["pid"]),
    bestMetric: name !== undefined && value !== undefined ? { name, value } : undefined,
    summary: summary ?? {},
    assetsCount: countIn(assets, ["datasets", "pretrained", "outputs"]),
    artifactsCreatedCount: countIn(created, ["artifacts"]),
    artifactsUsedCount: countIn(used, ["artifacts"]),
  };
}

async function readJson({ files }: Cache, path: string): Promise<Record<string, unknown>> {
  try {
    const file = await open(files.bytesOf(path), "r");
    try {
      const { size } = await file.stat();
      if (size > largestMetadata) return {};
      const parsed = parsePythonJson((await file.readFile()).toString("utf8"));
      return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : {};
    } finally {
      await file.close();
    }
  } catch {
    // Missing, or damaged on the host already: the run is shown with what there is.
    return {};
  }
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

function countIn(record: Record<string, unknown> | undefined, names: readonly string[]): number {
  if (Array.isArray(record)) return record.length;
  return names.reduce((sum, name) => sum + listOf(record?.[name]).length, 0);
}
