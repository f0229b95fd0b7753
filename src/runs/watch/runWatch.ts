import { dirname } from "node:path";
import type { Disposable } from "../../common/async/disposable.js";
import { Emitter, type Event } from "../../common/async/event.js";
import { createSerialQueue } from "../../common/async/serialQueue.js";
import { watchFolder } from "../../common/files/watchFolder.js";
import type { Logger } from "../../common/logger.js";
import type { Syncs } from "../../sync/syncs.js";
import { type CollectedFacts, createCollectFacts } from "./collectFacts.js";
import { begunAt, doNotTellOlder, forgetOldest, judge, type KnownRuns } from "./judge.js";
import { changeNotices, type Notice, type NoticeBook, noticeFileName, readNotices } from "./noticeFile.js";
import { folderKey, presentAmong } from "../meantRuns.js";
import {
  isAnythingWished,
  isCovered,
  noWishes,
  replaceRule,
  type Rule,
  ruleFor,
  type Scope,
  type Wishes,
} from "./rules.js";

/** New notices of one root. */
export interface Told {
  readonly syncId: string;
  readonly notices: readonly Notice[];
  /** Whether the last check was long ago, so that they may not be recent. */
  readonly isAfterAbsence: boolean;
}

/** The rules and unseen notices of a root. */
export interface NoticesOf {
  readonly rules: readonly Rule[];
  readonly unseen: readonly Notice[];
}

/** Watches runs by rules, which are stored beside the copies. */
export interface RunWatch extends Disposable {
  of(syncId: string): Promise<NoticesOf>;
  wishesOf(syncId: string, scope: Scope): Promise<Wishes>;
  /** Replaces the rule for this scope. What is already the case is not notified. */
  wish(syncId: string, scope: Scope, wishes: Wishes): Promise<void>;
  /** Marks notices as seen. */
  markSeen(syncId: string, numbers: readonly number[]): Promise<void>;
  /** Notices to be shown by this window only. */
  readonly onDidTell: Event<Told>;
  /** Id of a root whose rules or unseen notices changed, in any window. */
  readonly onDidChange: Event<string>;
}

/** Maximum number of unseen notices of each root. */
const mostUnseen = 100;
/** Milliseconds between two checks after which news may not be recent. */
const absence = 10 * 60_000;
/** Milliseconds until an uncertain run is checked again. */
const soon = 5_000;
/** Milliseconds to debounce writes of other windows. */
const watchDelay = 200;

export function createRunWatch(options: { readonly syncs: Syncs; readonly logger: Logger }): RunWatch {
  const { syncs } = options;
  const told = new Emitter<Told>();
  const changed = new Emitter<string>();
  const roots = new Map<string, WatchedRoot>();
  const rootOf = (id: string): WatchedRoot => {
    const present = roots.get(id);
    if (present) return present;
    const made = new WatchedRoot(id, {
      ...options,
      onTell: (what) => told.fire(what),
      onDidChange: () => changed.fire(id),
    });
    roots.set(id, made);
    return made;
  };
  const look = async (id: string): Promise<void> => {
    if (await syncs.get(id)) return rootOf(id).lookSoon();
    roots.get(id)?.dispose();
    if (roots.delete(id)) changed.fire(id);
  };
  const listening = syncs.onDidChange((id) => void look(id));
  return {
    onDidTell: told.event,
    onDidChange: changed.event,
    of: (id) => rootOf(id).book(),
    wishesOf: async (id, scope) => (await rootOf(id).ruleFor(scope)) ?? noWishes,
    wish: (id, scope, wishes) => rootOf(id).wish(scope, wishes),
    markSeen: (id, numbers) => rootOf(id).markSeen(numbers),
    dispose: () => {
      listening.dispose();
      roots.forEach((root) => root.dispose());
    },
  };
}

interface RootOptions {
  readonly syncs: Syncs;
  readonly logger: Logger;
  readonly onTell: (told: Told) => void;
  readonly onDidChange: () => void;
}

/** The rules of one root, and the notices by them. */
class WatchedRoot implements Disposable {
  readonly #id: string;
  readonly #options: RootOptions;
  readonly #folder: string;
  readonly #collect: ReturnType<typeof createCollectFacts>;
  readonly #turns = createSerialQueue();
  readonly #watcher: Disposable;
  readonly #ending = new AbortController();
  #book: NoticeBook | undefined;
  /** `syncedAt` of the last check: milliseconds since the epoch. */
  #judgedAt: number | undefined;
  /** Whether the last check after an absence left something uncertain. */
  #isAbsenceInDoubt = false;
  /** Whether something changed during a check. */
  #isAskedAgain = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(id: string, options: RootOptions) {
    this.#id = id;
    this.#options = options;
    this.#folder = dirname(options.syncs.folder(id));
    this.#collect = createCollectFacts(options.syncs, id);
    this.#watcher = watchFolder(this.#folder, watchDelay, (names) => {
      if (names.size === 0 || names.has(noticeFileName)) void this.reread();
    });
  }

  async book(): Promise<NoticeBook> {
    return this.#book ?? this.reread();
  }

  async reread(): Promise<NoticeBook> {
    return this.#take(await readNotices(this.#folder));
  }

  async ruleFor(scope: Scope): Promise<Rule | undefined> {
    const { isPresent } = await this.#runs();
    return ruleFor((await this.reread()).rules, scope, isPresent);
  }

  async wish(scope: Scope, wishes: Wishes): Promise<void> {
    const all = await this.#runs();
    const { runs, isPresent } = all;
    const hostTime = (await this.#options.syncs.get(this.#id))?.hostTime ?? Date.now() / 1_000;
    // Ignore clocks far ahead, which would make every later run an old one.
    const since = runs.reduce((latest, run) => Math.max(latest, begunAt(run, hostTime) ?? 0), 0);
    const theirs = runs.filter((run) => isCovered(run, scope, isPresent));
    const covered = new Set(theirs.flatMap((run) => [run.id, folderKey(run)]));
    await this.#change((before) => {
      const wanted = isAnythingWished(wishes) ? { ...wishes, scope, since } : undefined;
      const rules = replaceRule(before.rules, scope, wanted, all);
      return { ...before, rules, known: doNotTellOlder(before.known, (key) => covered.has(key)) };
    });
    await this.#turns.add(() => {
      this.#judgedAt = undefined;
      return this.#look();
    });
  }

  markSeen(numbers: readonly number[]): Promise<void> {
    return this.#change((before) => {
      const unseen = before.unseen.filter((notice) => !numbers.includes(notice.number));
      return unseen.length === before.unseen.length ? before : { ...before, unseen };
    });
  }

  lookSoon(): void {
    this.#isAskedAgain = true;
    if (!this.#turns.isIdle) return;
    const { logger } = this.#options;
    void this.#turns
      .add(async () => {
        while (this.#isAskedAgain) {
          this.#isAskedAgain = false;
          await this.#look();
        }
      })
      .catch((error: unknown) => logger.warn(`notices of ${this.#id}: ${String(error)}`));
  }

  dispose(): void {
    this.#ending.abort();
    this.#watcher.dispose();
    clearTimeout(this.#timer);
  }

  #take(book: NoticeBook): NoticeBook {
    const facts = (one: NoticeBook | undefined): string =>
      JSON.stringify([one?.rules ?? [], one?.unseen ?? []]);
    const isNews = facts(this.#book) !== facts(book);
    this.#book = book;
    this.#options.syncs.lookClosely(
      this.#id,
      book.rules.some(({ failed }) => failed),
    );
    if (isNews) this.#options.onDidChange();
    return book;
  }

  async #runs() {
    const { syncs } = this.#options;
    const [runs, deleted] = await Promise.all([syncs.runs(this.#id), syncs.deletedRuns(this.#id)]);
    return { runs, isPresent: presentAmong([...runs, ...deleted]) };
  }

  async #change(how: (before: NoticeBook) => NoticeBook): Promise<void> {
    this.#take(await changeNotices(this.#folder, how));
  }

  async #look(): Promise<void> {
    const { signal } = this.#ending;
    const sync = await this.#options.syncs.get(this.#id);
    // Only the window that syncs the root notifies.
    if (signal.aborted || sync?.state.kind !== "waiting") return;
    const { hostTime, syncedAt, interval } = sync;
    if (hostTime === undefined || syncedAt === undefined || this.#judgedAt === syncedAt) return;
    const isAfterAbsence =
      this.#isAbsenceInDoubt || this.#judgedAt === undefined || syncedAt - this.#judgedAt > absence;
    this.#judgedAt = syncedAt;
    this.#isAbsenceInDoubt = false;
    const book = await this.reread();
    if (book.rules.length === 0) return;
    const facts = await this.#collect(book, signal);
    const notices = await this.#judge(book, facts, hostTime);
    if (notices.length > 0) this.#options.onTell({ syncId: this.#id, notices, isAfterAbsence });
    const known = Object.values(this.#book?.known ?? {});
    // In smart mode the second check would come minutes later.
    const isInDoubt = known.some(({ gone, isAlive }) => gone > 0 && isAlive);
    this.#isAbsenceInDoubt = isAfterAbsence && isInDoubt;
    if (isInDoubt && interval * 1_000 > soon) this.#lookAgainSoon();
  }

  /** @returns the notices to show here, without those that another window showed meanwhile. */
  async #judge(book: NoticeBook, facts: CollectedFacts, hostTime: number): Promise<readonly Notice[]> {
    const { runs, isPresent } = facts;
    const first = judge(book.rules, book.known, runs, hostTime, isPresent);
    if (first.known === book.known && first.news.length === 0) return [];
    const labels = new Map(runs.map((run) => [folderKey(run), run.alias ?? run.id]));
    let notices: readonly Notice[] = [];
    await this.#change((before) => {
      const { news, known } = judge(before.rules, before.known, runs, hostTime, isPresent);
      notices = news.map((one, index) => ({
        number: before.next + index,
        label: labels.get(folderKey({ id: one.runId, folder: one.folder ?? "" })) ?? one.runId,
        at: Date.now(),
        news: one,
      }));
      return bookWith(before, known, notices);
    });
    return notices;
  }

  #lookAgainSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#options.syncs.syncNow(this.#id).catch(() => undefined), soon);
  }
}

function bookWith(before: NoticeBook, found: KnownRuns, notices: readonly Notice[]): NoticeBook {
  if (found === before.known && notices.length === 0) return before;
  const { known, since } = forgetOldest(found);
  const rules =
    since === undefined
      ? before.rules
      : before.rules.map((rule) => ({ ...rule, since: Math.max(rule.since, since) }));
  const unseen = [...before.unseen, ...notices].slice(-mostUnseen);
  return { rules, known, unseen, next: before.next + notices.length };
}
