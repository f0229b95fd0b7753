import { posix } from "node:path";
import * as l10n from "@vscode/l10n";
import { displayText } from "../../common/text/displayText.js";
import { sizeText } from "../../common/text/sizeText.js";
import type { Run } from "../../sync/runIndex/runs.js";
import type { EndPlace } from "../../sync/readEnd.js";
import type { Syncs } from "../../sync/syncs.js";

/** Where a log is shown. */
export interface LogLines {
  append(text: string): void;
  clear(): void;
}

/** A log that is being followed. */
export interface Tail {
  /** Reads the end of the log, and goes on if it can be followed. @throws if the first read fails. */
  start(signal: AbortSignal, onProgress: (done: number, total: number) => void): Promise<void>;
  /** Whether it is still being followed. */
  readonly isFollowed: boolean;
  /** Stops following; the text stays. */
  stop(): void;
}

/** Maximum bytes shown at first, from the log's end, and per read. */
const mostBytes = 256 * 1024;
/** Milliseconds between two reads: initially, and at most while nothing is added. */
const firstInterval = 2_000;
const longestInterval = 60_000;
/** How many reads without news end following the log of a run that has ended. */
const lastLooks = 2;

/** Shows the end of a run's log in `lines`, and new lines. */
export function createTail(syncs: Syncs, run: Run, lines: LogLines): Tail {
  return new LogTail(syncs, run, lines);
}

class LogTail implements Tail {
  readonly #syncs: Syncs;
  readonly #run: Run;
  readonly #lines: LogLines;
  readonly #ending = new AbortController();
  #decoder = new TextDecoder();
  #place: EndPlace | undefined;
  #interval = firstInterval;
  #timer: NodeJS.Timeout | undefined;
  #listening: { dispose(): void } | undefined;
  #isBusy = false;
  #quietLooks = 0;
  /** Whether the sync was following, so that the log ends when it no longer does. */
  #wasFollowed = false;

  constructor(syncs: Syncs, run: Run, lines: LogLines) {
    this.#syncs = syncs;
    this.#run = run;
    this.#lines = lines;
  }

  get isFollowed(): boolean {
    return !this.#ending.signal.aborted;
  }

  async start(signal: AbortSignal, onProgress: (done: number, total: number) => void): Promise<void> {
    await this.#read(AbortSignal.any([signal, this.#ending.signal]), onProgress);
    if (!this.isFollowed || (await this.#hasEnded())) return;
    this.#listening = this.#syncs.onDidChange((id) => {
      if (id === this.#run.syncId) void this.#lookHere();
    });
    this.#lookLater();
  }

  stop(): void {
    this.#ending.abort();
    this.#listening?.dispose();
    clearTimeout(this.#timer);
  }

  #end(why: string): void {
    if (!this.isFollowed) return;
    this.stop();
    this.#say(why);
  }

  #say(text: string): void {
    this.#lines.append(`\n— ${text} —\n`);
  }

  #lookLater(): void {
    clearTimeout(this.#timer);
    if (this.isFollowed) this.#timer = setTimeout(() => void this.#look(), this.#interval);
  }

  /** Called when the copy changes: a mirror has fetched more, or the sync was stopped. */
  async #lookHere(): Promise<void> {
    const sync = await this.#syncs.get(this.#run.syncId);
    if (!sync || sync.state.kind === "stopped") return void (await this.#hasEnded());
    if (sync.mode === "mirror" && sync.state.kind === "waiting") await this.#look();
  }

  async #look(): Promise<void> {
    if (this.#isBusy || !this.isFollowed) return;
    this.#isBusy = true;
    try {
      if (await this.#hasEnded()) return;
      const isNews = await this.#read(this.#ending.signal).catch(() => false);
      this.#quietLooks = isNews ? 0 : this.#quietLooks + 1;
      this.#interval = isNews ? firstInterval : Math.min(this.#interval * 1.5, longestInterval);
      if (this.#quietLooks >= lastLooks && (await this.#isRunOver())) {
        this.#end(l10n.t("The run has ended, and so does its log."));
      }
    } finally {
      this.#isBusy = false;
      this.#lookLater();
    }
  }

  async #hasEnded(): Promise<boolean> {
    const sync = await this.#syncs.get(this.#run.syncId);
    if (!sync) this.#end(l10n.t("The copied runs were removed, and the log is not followed any longer."));
    else if (sync.state.kind !== "stopped") this.#wasFollowed = true;
    // Another window may be syncing the root.
    else if (this.#wasFollowed || !sync.wanted)
      this.#end(l10n.t("The sync is stopped, and the log is not followed."));
    return !this.isFollowed;
  }

  async #isRunOver(): Promise<boolean> {
    const { folder, id, syncId } = this.#run;
    const runs = await this.#syncs.runs(syncId).catch(() => []);
    const run = runs.find((one) => one.folder === folder) ?? runs.find((one) => one.id === id);
    return run?.status !== "running";
  }

  /** @returns whether anything was new. */
  async #read(signal: AbortSignal, onProgress?: (done: number, total: number) => void): Promise<boolean> {
    const folder = await this.#syncs.folderOfRun(this.#run);
    const from = this.#place;
    const options = { from, most: mostBytes, signal, onProgress };
    const path = posix.join(folder, "logs.txt");
    const piece = await this.#syncs.readEnd(this.#run.syncId, path, options);
    if (signal.aborted) return false;
    this.#place = piece.place;
    if (piece.isAnew) {
      this.#lines.clear();
      this.#say(l10n.t("The log was rewritten: it begins anew."));
    }
    const isCut = piece.leftOut > 0;
    if (isCut || piece.isAnew) this.#decoder = new TextDecoder();
    if (isCut) this.#say(l10n.t("{0} before this are not shown.", sizeText(piece.leftOut)));
    const text = this.#decoder.decode(isCut ? fromFirstLine(piece.bytes) : piece.bytes, { stream: true });
    if (text !== "") this.#lines.append(shown(text));
    return piece.bytes.length > 0 || piece.isAnew;
  }
}

/** Drops a partial first line, unless there is no other. */
function fromFirstLine(bytes: Buffer): Buffer {
  const end = bytes.indexOf(10);
  return end < 0 || end === bytes.length - 1 ? bytes : bytes.subarray(end + 1);
}

/** Splits at carriage returns of progress bars, and removes control characters. */
function shown(text: string): string {
  return text
    .split(/\r?\n|\r/)
    .map(displayText)
    .join("\n");
}
