import { appendFile, mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Emitter } from "../../src/common/async/event.js";
import { createRunRecords, type OpenRunRecords } from "../../src/runs/records/createRunRecords.js";
import { type Cache, openCache } from "../../src/sync/cache/cache.js";
import { viewOf } from "../../src/sync/localCopy.js";
import { createRunIndex } from "../../src/sync/runIndex/runs.js";
import { createRunSigns } from "../../src/sync/runIndex/runSigns.js";
import { partitionRuns } from "../../src/sync/partitionRuns.js";
import type { Sync } from "../../src/sync/syncState.js";

/** A copy on this machine, as a pass would have left it, and the records of its runs. */
export interface RecordsRig {
  readonly folder: string;
  readonly cache: Cache;
  readonly records: OpenRunRecords;
  readonly logged: string[];
  /** Puts a file of the host into the copy. */
  put(path: string, content: string | Buffer): Promise<void>;
  append(path: string, content: string): Promise<void>;
  /** Notes a file as it is on this machine, or one that is not here. */
  note(path: string, size?: number): Promise<void>;
  changeSync(change: Partial<Sync>): void;
  /** The same copy in another program. */
  another(): Promise<OpenRunRecords>;
  dispose(): Promise<void>;
}

export const syncId = "0123456789abcdef01234567";

const firstSync: Sync = {
  id: syncId,
  connectionId: "c",
  host: "box",
  target: { host: "box" },
  root: "/data/root",
  mode: "mirror",
  interval: 2,
  wanted: true,
  keepGone: false,
  exclude: [],
  state: { kind: "stopped" },
  syncedAt: undefined,
  startedAt: undefined,
  skipped: [],
  stats: { copiedFiles: 0, transferredBytes: 0, scans: 0 },
};

/** @param present a copy that there is already, and stays. */
export async function createRecordsRig(present?: string): Promise<RecordsRig> {
  const folder = present ?? (await mkdtemp(join(tmpdir(), "records-")));
  const opened: OpenRunRecords[] = [];
  const changed = new Emitter<string>();
  const logged: string[] = [];
  let sync = firstSync;
  let inode = 1;

  const openRecords = (cache: Cache): OpenRunRecords => {
    const signs = createRunSigns(cache);
    const index = createRunIndex(syncId, cache, signs);
    const records = createRunRecords({
      syncs: {
        onDidChange: changed.event,
        list: () => Promise.resolve([sync]),
        get: () => Promise.resolve(sync),
        runs: async () => partitionRuns(await index.list(), sync.keepGone).here,
        deletedRuns: async () => partitionRuns(await index.list(), sync.keepGone).deleted,
        keptRuns: async () => partitionRuns(await index.list(), sync.keepGone).kept,
        runsLeftOut: () => index.leftOut(),
        view: () => Promise.resolve(viewOf({ cache, signs, index })),
        fetch: () => Promise.reject(new Error("the host is away")),
      },
      logger: {
        debug: () => undefined,
        info: () => undefined,
        warn: (text) => logged.push(text),
        error: (text) => logged.push(text),
      },
    });
    opened.push(records);
    return records;
  };

  const cache = await openCache(folder);
  const note: RecordsRig["note"] = async (path, size) => {
    const info = size === undefined ? await stat(join(folder, "files", path)) : undefined;
    inode += 1;
    const stamp = {
      size: info?.size ?? size ?? 0,
      mtime: `1700000000.${String(inode).padStart(9, "0")}`,
      ctime: "1700000000.000000000",
      inode: String(inode),
      mode: 0o644,
    };
    cache.manifest.set({ path, kind: "file", seen: stamp, held: info && stamp, verified: true });
    changed.fire(syncId);
  };
  return {
    folder,
    cache,
    records: openRecords(cache),
    logged,
    put: async (path, content) => {
      const file = join(folder, "files", path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
      await note(path);
    },
    append: async (path, content) => {
      await appendFile(join(folder, "files", path), content);
      await note(path);
    },
    note,
    changeSync: (change) => {
      sync = { ...sync, ...change };
      changed.fire(syncId);
    },
    another: async () => {
      await cache.manifest.flush().catch(() => undefined);
      return openRecords(cache);
    },
    dispose: async () => {
      for (const one of opened) await one.close();
      if (present === undefined) await rm(folder, { recursive: true });
    },
  };
}
