import { Emitter } from "../../common/async/event.js";
import { gather } from "../../common/async/gather.js";
import { pause } from "../../common/async/pause.js";
import { createSerialQueue } from "../../common/async/serialQueue.js";
import { orCancelled } from "../../common/failure.js";
import type { Logger } from "../../common/logger.js";
import type { Run } from "../../sync/runIndex/runs.js";
import type { Syncs } from "../../sync/syncs.js";
import type { Sync } from "../../sync/syncState.js";
import type { RunRecords } from "../runRecords.js";
import type { RunTable } from "../runTable.js";
import { runsByName } from "../runNames.js";
import { readDetails } from "./details.js";
import { RootRecords } from "./rootRecords.js";
import { Space } from "./row.js";
import { createTable } from "./table.js";

export interface RunRecordsOptions {
  readonly syncs: Pick<
    Syncs,
    "list" | "get" | "runs" | "deletedRuns" | "keptRuns" | "runsLeftOut" | "view" | "fetch" | "onDidChange"
  >;
  readonly logger: Logger;
}

/** The records, with a way to close them. */
export interface OpenRunRecords extends RunRecords {
  /** Stops reading. */
  close(): Promise<void>;
}

/** Milliseconds that a table waits for values of metrics; later ones are in the next table. */
const patience = 500;
/** Milliseconds to debounce changes. */
const calm = 300;

/** Minimum milliseconds between two complete rereads when the space is full. */
const tidyInterval = 600_000;

interface Root {
  readonly records: RootRecords;
  sync: Sync;
  /** Identifies the state that was read. */
  mark: string;
  leftOut: number;
}

export function createRunRecords(options: RunRecordsOptions): OpenRunRecords {
  return new Records(options);
}

class Records implements OpenRunRecords {
  readonly #options: RunRecordsOptions;
  readonly #changed = new Emitter<void>();
  readonly #closing = new AbortController();
  readonly #updates = createSerialQueue();
  #space = new Space();
  /** When the space may be rebuilt. */
  #tidyAt = -Infinity;
  readonly #roots = new Map<string, Root>();
  readonly #telling = gather(calm, () => void this.#tell());
  readonly #listening;
  /** Roots that reported a change. */
  readonly #heard = new Set<string>();
  #reading: Promise<void> | undefined;
  #table: RunTable | undefined;
  /** Whether the rows changed since the table was made. */
  #isStale = true;
  #version = 0;

  constructor(options: RunRecordsOptions) {
    this.#options = options;
    this.#listening = options.syncs.onDidChange((id) => {
      this.#heard.add(id);
      this.#telling.call();
    });
  }

  readonly onDidChange: RunRecords["onDidChange"] = (listener) => this.#changed.event(listener);

  table(signal?: AbortSignal): Promise<RunTable> {
    return orCancelled(this.#nextTable(), signal);
  }

  details: RunRecords["details"] = async (name, signal) => {
    const { syncs } = this.#options;
    const { syncId } = name;
    const sync = (await syncs.list()).find((one) => one.id === syncId);
    const run =
      sync &&
      (runsByName(await this.#runsOf(sync))(name) ?? runsByName(await syncs.deletedRuns(syncId))(name));
    if (!sync || !run) return undefined;
    const view = await syncs.view(syncId);
    const row = this.#roots.get(syncId)?.records.rowOf(run.folder);
    return readDetails({ syncs, sync, run, view, row, space: this.#space }, signal);
  };

  async close(): Promise<void> {
    this.#closing.abort();
    this.#listening.dispose();
    this.#telling.dispose();
    await this.#updates.settled();
    await this.#reading;
  }

  async #nextTable(): Promise<RunTable> {
    await this.#updates.add(() => this.#update());
    this.#reading ??= this.#readEvents().finally(() => (this.#reading = undefined));
    await Promise.race([this.#reading, pause(patience)]);
    if (this.#table && !this.#isStale) return this.#table;
    const roots = [...this.#roots.values()];
    this.#isStale = false;
    this.#version += 1;
    this.#table = createTable({
      space: this.#space,
      rows: roots.flatMap(({ records, sync }) => records.rows(sync)),
      version: this.#version,
      unread: roots.reduce((sum, { records }) => sum + records.unread, 0),
      leftOut: { runs: roots.reduce((sum, { leftOut }) => sum + leftOut, 0) },
    });
    return this.#table;
  }

  async #update(): Promise<void> {
    const { syncs } = this.#options;
    this.#tidy();
    const all = await syncs.list();
    for (const id of [...this.#roots.keys()]) {
      if (all.some((sync) => sync.id === id)) continue;
      this.#roots.delete(id);
      this.#isStale = true;
    }
    for (const sync of all) await this.#updateRoot(sync);
  }

  /** Rereads everything when the space is full: it may contain names and texts that no run has any longer. */
  #tidy(): void {
    if (!this.#space.isFull || performance.now() < this.#tidyAt) return;
    this.#tidyAt = performance.now() + tidyInterval;
    this.#space = new Space();
    this.#roots.clear();
  }

  async #updateRoot(sync: Sync): Promise<void> {
    if (this.#closing.signal.aborted) return;
    const { syncs, logger } = this.#options;
    const known = this.#roots.get(sync.id);
    try {
      const view = await syncs.view(sync.id);
      const mark = markOf(sync, view.revision);
      if (known?.mark === mark) return;
      const records = known?.records ?? new RootRecords(this.#space);
      await records.update(view, await this.#runsOf(sync));
      const leftOut = await syncs.runsLeftOut(sync.id);
      this.#roots.set(sync.id, { records, sync, mark, leftOut });
      this.#isStale = true;
    } catch (error) {
      // It may just have been removed; go on with the others.
      logger.warn(`runs of ${sync.id} of ${sync.host}: ${String(error)}`);
    }
  }

  async #runsOf({ id }: Sync): Promise<readonly Run[]> {
    const { syncs } = this.#options;
    return [...(await syncs.runs(id)), ...(await syncs.keptRuns(id))];
  }

  /** Reads the events of all runs, taking turns between roots. */
  async #readEvents(): Promise<void> {
    const { signal } = this.#closing;
    let isAny = true;
    while (isAny && !signal.aborted) {
      isAny = false;
      for (const { records } of this.#roots.values()) {
        const isRead = await records.readNext(signal).catch(() => false);
        if (!isRead) continue;
        isAny = true;
        this.#isStale = true;
        this.#telling.call();
      }
    }
    for (const { records } of this.#roots.values()) {
      if (signal.aborted) return;
      // Ignore: they are then read again at the next start.
      await records.keep().catch(() => undefined);
    }
  }

  /**
   * Reports a change only if the table is out of date: a root changes its state many times for each change of its
   * files.
   */
  async #tell(): Promise<void> {
    const ids = [...this.#heard];
    this.#heard.clear();
    const isNews = this.#isStale || (await Promise.all(ids.map((id) => this.#isNews(id)))).includes(true);
    if (isNews && !this.#closing.signal.aborted) this.#changed.fire();
  }

  async #isNews(id: string): Promise<boolean> {
    const { syncs } = this.#options;
    try {
      const sync = await syncs.get(id);
      const mark = sync && markOf(sync, (await syncs.view(id)).revision);
      return mark !== this.#roots.get(id)?.mark;
    } catch {
      return true;
    }
  }
}

/** Identifies the state that the rows of a root are made from. */
function markOf({ host, root, keepGone }: Sync, revision: string): string {
  return JSON.stringify([host, root, keepGone, revision]);
}
