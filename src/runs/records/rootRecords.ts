import { inTurns } from "../../common/async/inTurns.js";
import type { CopyView } from "../../sync/localCopy.js";
import type { Run } from "../../sync/runIndex/runs.js";
import { readRow, readRowEvents, stampOfEvents } from "./readRow.js";
import type { Row, Space } from "./row.js";
import type { TableRow } from "./runColumns.js";
import { keepRecords, readRecords, type StoredRow } from "./recordStore.js";
import { BytesOfRuns } from "./runFiles.js";
import type { Sync } from "../../sync/syncState.js";

/** Maximum number of runs to read at once: each has four small files. */
const atOnce = 16;
/** Runs to process before yielding to other events. */
const lookedAtAtOnce = 500;

/** Changed rows, or bytes of events, from which on the cache is written: fewer are reread just as fast. */
const worthKeeping = 64;
const bytesWorthKeeping = 16 * 1024 * 1024;
/** Minimum milliseconds between two writes of the cache. */
const keepInterval = 60_000;

/** The rows of one root. */
export class RootRecords {
  readonly #space: Space;
  /** By folder. */
  #rows = new Map<string, Row>();
  #bytes = new Map<string, number>();
  readonly #counts = new BytesOfRuns();
  /** Folders of runs whose events are to be read, in this order. */
  #unread = new Set<string>();
  #view: CopyView | undefined;
  /** The change counter of its entries at the last update. */
  #changes = 0;
  /** Rows that an earlier process stored. */
  #stored: ReadonlyMap<string, StoredRow> = new Map();
  /** Rows, and bytes of events, that were read since the last write. */
  #unkept = 0;
  #unkeptBytes = 0;
  #keepAt = -Infinity;

  constructor(space: Space) {
    this.#space = space;
  }

  get unread(): number {
    return this.#unread.size;
  }

  rowOf(folder: string): Row | undefined {
    return this.#rows.get(folder);
  }

  rows(sync: Sync): TableRow[] {
    return Array.from(this.#rows, ([folder, row]) => ({ row, sync, bytes: this.#bytes.get(folder) ?? 0 }));
  }

  /** Reads the small files of changed runs. @param runs all runs, newest first. */
  async update(view: CopyView, runs: readonly Run[]): Promise<void> {
    const changes = view.entries.changes;
    if (!this.#view && runs.length > 0) this.#stored = await readRecords(view.folder, this.#space);
    const changedFolders = this.#changedFolders(view);
    const isUntouched = untouchedBy(view, changedFolders);
    const rows = new Map<string, Row>();
    const unread = new Set<string>();
    const changed: { readonly run: Run; readonly key: string; readonly before: Row | undefined }[] = [];
    for await (const some of inTurns(runs, lookedAtAtOnce)) {
      for (const run of some) {
        const { folder } = run;
        const before = this.#rows.get(folder);
        if (before?.run === run && isUntouched(folder)) {
          rows.set(folder, before);
          if (this.#unread.has(folder)) unread.add(folder);
          continue;
        }
        const key = view.keyOf(folder) ?? "";
        const known = before ?? this.#stored.get(folder);
        if (known?.key === key) rows.set(folder, { ...known, run });
        else changed.push({ run, key, before: known && { ...known, run } });
        if (stampOfEvents(view, run) !== known?.events?.stamp) unread.add(folder);
      }
    }
    for await (const some of inTurns(changed, atOnce)) {
      const read = await Promise.all(
        some.map(({ run, key, before }) => readRow(view, run, key, this.#space, before)),
      );
      for (const row of read) rows.set(row.run.folder, row);
    }
    const folders = [...rows.keys()];
    const bytes = await this.#counts.count(view.entries, changedFolders, folders);
    this.#bytes = new Map(folders.map((folder, place) => [folder, bytes[place] ?? 0]));
    this.#rows = rows;
    this.#unread = unread;
    this.#unkept += changed.length;
    this.#stored = new Map();
    [this.#view, this.#changes] = [view, changes];
  }

  /** Stores the rows for the next start, if enough of them changed. */
  async keep(): Promise<void> {
    const enough = Math.max(worthKeeping, this.#rows.size / 10);
    const isWorth = this.#unkept >= enough || this.#unkeptBytes >= bytesWorthKeeping;
    if (!isWorth || !this.#view || performance.now() < this.#keepAt) return;
    this.#keepAt = performance.now() + keepInterval;
    [this.#unkept, this.#unkeptBytes] = [0, 0];
    await keepRecords(this.#view.folder, [...this.#rows.values()], this.#space);
  }

  /** Folders with direct entries that changed since the last update; undefined: any may have. */
  #changedFolders({ entries }: CopyView): ReadonlySet<number> | undefined {
    return this.#view?.entries === entries ? entries.changedFolders(this.#changes) : undefined;
  }

  /** Reads new events of the next run. @returns false if there was none. */
  async readNext(signal: AbortSignal): Promise<boolean> {
    const [folder] = this.#unread;
    const row = folder === undefined ? undefined : this.#rows.get(folder);
    if (folder === undefined || !this.#view) return false;
    if (row) {
      const read = await readRowEvents(this.#view, row, this.#space, signal);
      if (signal.aborted) return false;
      // The row may have been replaced meanwhile.
      if (this.#rows.get(folder) !== row) return true;
      this.#rows.set(folder, read);
      this.#unkept += 1;
      this.#unkeptBytes += Math.max(0, (read.events?.offset ?? 0) - (row.events?.offset ?? 0));
    }
    this.#unread.delete(folder);
    return true;
  }
}

/** Returns whether nothing changed in a folder. */
function untouchedBy(
  { entries }: CopyView,
  folders: ReadonlySet<number> | undefined,
): (folder: string) => boolean {
  if (!folders) return () => false;
  const changed = new Set(Array.from(folders, (number) => entries.pathOf(number)));
  return (folder) => !changed.has(folder);
}
