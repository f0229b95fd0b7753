import { displayText } from "../common/text/displayText.js";
import { Cancelled, orCancelled } from "../common/failure.js";
import type { Logger } from "../common/logger.js";
import type { Connections } from "../ssh/connections.js";
import type { Target } from "../ssh/model/target.js";
import { type Follower, follow, openConnectionOf, type PassNews } from "./follow.js";
import { createLinkSpeed } from "./remote/linkSpeed.js";
import { type CopyView, createLocalCopy, type LocalCopy, type OpenCopy, viewOf } from "./localCopy.js";
import type { FetchOptions, LocalFile } from "./cache/localFile.js";
import type { Entries } from "./manifest/entryTable.js";
import { listInPlace } from "./inPlace/listInPlace.js";
import { createOnDemand, type OnDemand } from "./onDemand.js";
import type { EndOptions, EndPiece } from "./readEnd.js";
import { type Choices, choicesOf, noChoices } from "./pass/choices.js";
import { runPass } from "./pass/pass.js";
import { type CopySizes, listOnly, sizesOf } from "./pass/survey.js";
import { createSkips, type Skipped } from "./pass/skips.js";
import type { PassOptions, PassProgress, PassResult } from "./pass/passOptions.js";
import type { OpenFiles } from "./helper/openRemoteFiles.js";
import { createGoneQuestion } from "./goneQuestion.js";
import type { Pace, RemoteFiles } from "./remote/remoteFiles.js";
import type { Run } from "./runIndex/runs.js";
import type { CopyMode } from "./runIndex/layout.js";
import type { SignSource } from "./runIndex/runSigns.js";
import { noteSynced, noteWanted, readRecord, type SyncRecord } from "./syncRecord.js";
import { reduceSync, type Sync, type SyncEvent, type SyncStats } from "./syncState.js";

/** One synchronised root in this program: its copy, what follows the host, and the state that is told of both. */
export interface LiveSync {
  readonly sync: Sync;
  /**
   * Resolves when the root was listed. Rejects when that fails: then nothing goes on, unless it did so before in the same
   * mode.
   */
  start(keeping: Keeping, how: StartOptions): Promise<void>;
  /** Goes on as before, in the background; what fails is told by the state, and tried again. */
  resume(keeping: Keeping): void;
  stop(): Promise<void>;
  /** Notes whether it is to go on by itself. */
  want(wanted: boolean): Promise<void>;
  close(): Promise<void>;
  syncNow(): Promise<void>;
  /** See `Syncs`. */
  removeGone(): void;
  runs(): Promise<readonly Run[]>;
  /** See `RunIndex`. */
  runsLeftOut(): Promise<number>;
  entries(): Promise<Entries>;
  view(): Promise<CopyView>;
  fetch(path: string, options: FetchOptions): Promise<LocalFile>;
  /** See `OnDemand`. */
  readEnd(path: string, options: EndOptions): Promise<EndPiece>;
  /** Lists the root, and fetches nothing. */
  list(remote: RemoteFiles, signal?: AbortSignal): Promise<void>;
  /** See `CopySizes`. */
  sizes(keeping: CopyKeeping): Promise<CopySizes>;
  /** Reads what another window wrote. */
  lookAgain(): Promise<void>;
  /** See `Syncs`. */
  lookClosely(isWanted: boolean): void;
}

/** How a root is kept. */
export type Keeping = Pick<SyncRecord, "mode" | "interval" | "wanted" | "keepGone" | "exclude">;

/** How a copy is kept, as far as its size depends on it. */
export interface CopyKeeping extends Pick<Keeping, "keepGone" | "exclude"> {
  readonly mode: CopyMode;
}

export interface StartOptions {
  /** There was no record: what was open here of an earlier copy is of one that is gone. */
  readonly isNew: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface LiveSyncOptions {
  readonly id: string;
  readonly folder: string;
  readonly record: SyncRecord;
  readonly syncedAt: number | undefined;
  readonly connections: Connections;
  /** Connects to a host that was lost, asking nobody. */
  readonly connectAgain: (target: Target, signal: AbortSignal) => Promise<unknown>;
  readonly logger: Logger;
  /** Opens the files of a host for the passes. */
  readonly openFiles: OpenFiles;
  /** Opens them for what somebody asks for. */
  readonly openSingleFiles: OpenFiles;
  readonly onDemandLimit: () => number;
  readonly onDidChange: () => void;
}

/** Milliseconds from one question whether runs live to the next. */
const signsInterval = 15_000;
/** How many of those that could not be copied the log names. */
const namedInLog = 5;

export function createLiveSync(options: LiveSyncOptions): LiveSync {
  return new RootSync(options);
}

class RootSync implements LiveSync {
  readonly #options: LiveSyncOptions;
  readonly #link = createLinkSpeed();
  readonly #skips = createSkips();
  readonly #copy: LocalCopy;
  readonly #onDemand: OnDemand;
  #sync: Sync;
  #follower: Follower | undefined;
  /** Somebody waits for a pass that finds everything. */
  #isAskedFor = false;
  /** Milliseconds since the epoch. */
  #signsDueAt = 0;
  /** Whether runs live is asked at each pass. */
  #isClose = false;
  readonly #gone = createGoneQuestion();
  #choices: Choices = noChoices;
  #chosenAs = "";

  constructor(options: LiveSyncOptions) {
    const { id, folder, record, syncedAt, connections } = options;
    this.#options = options;
    this.#sync = {
      id,
      ...record,
      state: { kind: "stopped" },
      syncedAt,
      startedAt: undefined,
      skipped: [],
      stats: nothingYet,
    };
    this.#copy = createLocalCopy(
      id,
      folder,
      record.mode === "in-place" ? record.root : undefined,
      () => void this.lookAgain(),
      (message) => options.logger.warn(message),
    );
    this.#onDemand = createOnDemand({
      copy: this.#copy,
      sync: () => this.#sync,
      connection: () => openConnectionOf(connections, this.#sync.connectionId),
      openFiles: options.openSingleFiles,
      link: this.#link,
      limit: options.onDemandLimit,
      onDidChange: options.onDidChange,
    });
  }

  get sync(): Sync {
    return this.#sync;
  }

  async start(keeping: Keeping, { isNew, signal }: StartOptions): Promise<void> {
    if (isNew) {
      await this.stop();
      this.#copy.close();
    }
    if (this.#follower && keeping.mode === this.#sync.mode) {
      this.#change(keeping);
      this.#follower.wake();
      return orCancelled(this.#follower.listed(), signal);
    }
    await this.stop();
    const started = this.#begin(keeping);
    const onAbort = (): void => void started.stop();
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      await started.listed();
      if (signal?.aborted) throw new Cancelled();
    } catch (error) {
      await this.stop();
      throw signal?.aborted ? new Cancelled() : error;
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  resume(keeping: Keeping): void {
    if (!this.#follower) this.#begin(keeping);
  }

  async stop(): Promise<void> {
    const was = this.#follower;
    await was?.stop();
    if (this.#follower === was) this.#follower = undefined;
    this.#apply({ kind: "stop-requested" });
  }

  async want(wanted: boolean): Promise<void> {
    await noteWanted(this.#options.folder, wanted);
    if (wanted !== this.#sync.wanted) this.#change({ wanted });
  }

  async close(): Promise<void> {
    await this.stop();
    this.#onDemand.close();
    this.#copy.close();
  }

  async syncNow(): Promise<void> {
    this.#isAskedFor = true;
    await this.#follower?.passAgain();
  }

  removeGone(): void {
    this.#gone.confirm();
    // What has come back by now is not removed, and of what has gone since then a person is told.
    this.#isAskedFor = true;
    this.#follower?.wake();
  }

  async runs(): Promise<readonly Run[]> {
    return (await this.#copy.open()).index.list();
  }

  async runsLeftOut(): Promise<number> {
    return (await this.#copy.open()).index.leftOut();
  }

  async entries(): Promise<Entries> {
    return (await this.#copy.open()).cache.manifest.entries;
  }

  async view(): Promise<CopyView> {
    return viewOf(await this.#copy.open());
  }

  fetch(path: string, options: FetchOptions): Promise<LocalFile> {
    return this.#onDemand.fetch(path, options);
  }

  readEnd(path: string, options: EndOptions): Promise<EndPiece> {
    return this.#onDemand.readEnd(path, options);
  }

  async list(remote: RemoteFiles, signal?: AbortSignal): Promise<void> {
    const { cache } = await this.#copy.open();
    await listOnly({ cache, remote, root: this.#sync.root, signal });
  }

  async sizes({ mode, ...kept }: CopyKeeping): Promise<CopySizes> {
    return sizesOf((await this.#copy.open()).cache.manifest.entries, mode, choicesOf(kept));
  }

  lookClosely(isWanted: boolean): void {
    this.#isClose = isWanted;
  }

  async lookAgain(): Promise<void> {
    if (this.#follower) {
      if (!this.#isOver(await this.#record())) return;
      await this.stop();
    }
    const news = this.#copy.isOpen && (await this.#isNewsHere());
    const found = await readRecord(this.#options.folder);
    if (this.#follower) return;
    const isOther = this.#take({
      ...keepingOf(found?.record ?? this.#sync),
      syncedAt: found?.syncedAt || undefined,
    });
    if (news && !isOther) this.#options.onDidChange();
  }

  /** Takes over what another window wrote. @returns whether that is anything else. */
  #take(told: Partial<Sync>): boolean {
    const isSame = Object.entries(told).every(
      ([name, value]) => JSON.stringify(value) === JSON.stringify(this.#sync[name as keyof Sync]),
    );
    if (!isSame) this.#change(told);
    return !isSame;
  }

  async #record(): Promise<SyncRecord | undefined> {
    return (await readRecord(this.#options.folder))?.record;
  }

  async #isNewsHere(): Promise<boolean> {
    const { cache, signs } = await this.#copy.open();
    const [news, newSigns] = [await cache.lookAgain(), await signs.refresh()];
    return news || newSigns;
  }

  #change(change: Partial<Sync>): void {
    this.#sync = { ...this.#sync, ...change };
    this.#options.onDidChange();
  }

  #apply(event: SyncEvent): void {
    const { id, host, state: before } = this.#sync;
    const state = reduceSync(before, event);
    if (state === before) return;
    if (state.kind !== before.kind) this.#options.logger.debug(`sync ${id} of ${host}: ${state.kind}`);
    this.#change({ state });
  }

  /** Another window may have stopped it, or removed the copy. */
  #isOver(record: SyncRecord | undefined): record is undefined {
    return !record || (this.#sync.wanted && !record.wanted);
  }

  #begin(keeping: Keeping): Follower {
    const { connections, connectAgain, openFiles, logger } = this.#options;
    this.#sync = { ...this.#sync, ...keeping, startedAt: Date.now(), stats: nothingYet };
    return (this.#follower = follow({
      sync: this.#sync,
      connections,
      connectAgain,
      openFiles,
      pass: (remote, signal, news) => this.#pass(remote, signal, news),
      interval: () => this.#sync.interval,
      onEvent: (event) => this.#apply(event),
      logger,
    }));
  }

  async #pass(remote: RemoteFiles, signal: AbortSignal, news: PassNews): Promise<void> {
    const record = await this.#record();
    if (this.#isOver(record)) {
      // It waits for this pass to end.
      void this.lookAgain();
      throw new Cancelled();
    }
    this.#take(keepingOf(record));
    const copy = await this.#copy.open();
    const { cache } = copy;
    const { mode, root } = this.#sync;
    const pace: Pace = this.#isAskedFor ? "all" : "live";
    if (this.#isAskedFor) this.#signsDueAt = 0;
    this.#isAskedFor = false;
    const onProgress = (progress: PassProgress): void => {
      if (progress.kind === "transferring") news.onListed();
      if (progress.kind === "transferring" && progress.doneFiles > 0) news.onFile();
      this.#apply(progress);
    };
    const work = { remote, cache, root, pace, signal, onProgress };
    const result = await (mode === "in-place" ? listInPlace(work) : this.#copyAll({ ...work, mode }));
    await this.#lookForSigns(copy, { remote, root, hostTime: result.hostTime }, signal);
    this.#tellSkipped(result.skipped);
    const syncedAt = Date.now();
    await noteSynced(this.#options.folder, syncedAt);
    const stats = addPass(this.#sync.stats, result);
    this.#sync = { ...this.#sync, syncedAt, hostTime: result.hostTime, skipped: result.skipped, stats };
    this.#apply({ kind: "pass-done", nextAt: syncedAt + this.#sync.interval * 1_000 });
  }

  async #copyAll(work: Omit<PassOptions, "link" | "skips" | "choices" | "mayGo">): Promise<PassResult> {
    const [link, skips] = [this.#link, this.#skips];
    const choices = (): Promise<Choices> => this.#chosen();
    return this.#gone.during((mayGo) => runPass({ ...work, link, skips, choices, mayGo }));
  }

  /** As the record says, whoever chose it; the same object for as long as nothing else is chosen. */
  async #chosen(): Promise<Choices> {
    const { keepGone, exclude } = (await this.#record()) ?? { ...this.#sync, keepGone: true };
    const kept = JSON.stringify({ keepGone, exclude });
    if (kept !== this.#chosenAs) [this.#chosenAs, this.#choices] = [kept, choicesOf({ keepGone, exclude })];
    return this.#choices;
  }

  /** Whether the runs that say they are running do. */
  async #lookForSigns({ index, signs }: OpenCopy, host: SignSource, signal: AbortSignal): Promise<void> {
    if (!this.#isClose && Date.now() < this.#signsDueAt) return;
    await signs.look(host, await index.running(), signal);
    this.#signsDueAt = Date.now() + signsInterval;
  }

  #tellSkipped(skipped: readonly Skipped[]): void {
    const say = (all: readonly Skipped[]): string => all.map(({ path, why }) => `${path}: ${why}`).join("\n");
    const { id, host, skipped: before } = this.#sync;
    if (skipped.length === 0 || say(skipped) === say(before)) return;
    const some = displayText(say(skipped.slice(0, namedInLog)));
    this.#options.logger.warn(`sync ${id} of ${host}: ${skipped.length} not copied, such as ${some}`);
  }
}

function keepingOf({ mode, interval, wanted, keepGone, exclude }: Keeping): Keeping {
  return { mode, interval, wanted, keepGone, exclude };
}

const nothingYet: SyncStats = { copiedFiles: 0, transferredBytes: 0, scans: 0 };

function addPass(
  { copiedFiles, transferredBytes, scans }: SyncStats,
  { changedFiles, transferredBytes: more }: PassResult,
): SyncStats {
  return {
    copiedFiles: copiedFiles + changedFiles,
    transferredBytes: transferredBytes + more,
    scans: scans + 1,
  };
}
