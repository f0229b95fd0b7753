import { posix } from "node:path";
import * as l10n from "@vscode/l10n";
import { displayText } from "../../common/text/displayText.js";
import { sizeText } from "../../common/text/sizeText.js";
import type { Run } from "../../sync/runIndex/runs.js";
import type { EndPlace } from "../../sync/readEnd.js";
import type { Syncs } from "../../sync/syncs.js";

/** Where the lines of a log are shown. */
export interface LogLines {
  append(text: string): void;
  clear(): void;
}

/** One log that is followed. */
export interface Tail {
  /** Reads on at once, when it can be followed. @throws what reading the end does, the first time. */
  start(signal: AbortSignal, onProgress: (done: number, total: number) => void): Promise<void>;
  /** Whether more will come. */
  readonly isFollowed: boolean;
  /** Ends it; what was shown stays. */
  stop(): void;
}

/** Bytes of the log's end that are shown first, and at most at once. */
const mostBytes = 256 * 1024;
/** Milliseconds between two looks: at first, and at most while nothing comes. */
const firstInterval = 2_000;
const longestInterval = 60_000;
/** Looks at a log without anything new after which a run that has ended says no more. */
const lastLooks = 2;

/** Shows the end of a run's log in `lines`, and what is added to it. */
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
  /** Once it was under way, it ends when it is not any longer. */
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

  /** Something of the copy changed: a mirror has brought more, or it was stopped. */
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
    // Another window may follow the host for this one.
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

  /** @returns whether there was anything new. */
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

/** Without the end of a line whose beginning is left out, unless it is all there is. */
function fromFirstLine(bytes: Buffer): Buffer {
  const end = bytes.indexOf(10);
  return end < 0 || end === bytes.length - 1 ? bytes : bytes.subarray(end + 1);
}

/** Progress bars return to the start of their line; control characters must not reach a terminal or a screen reader. */
function shown(text: string): string {
  return text
    .split(/\r?\n|\r/)
    .map(displayText)
    .join("\n");
}
