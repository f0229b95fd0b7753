import { ChangedFolders } from "./changedFolders.js";
import { Column, IdentityColumns, integers, StampColumns } from "./columns.js";
import { NameColumn } from "./nameColumn.js";
import type { ManifestEntry } from "./manifestEntry.js";
import { PathTree } from "./pathTree.js";
import { isSameContent, isSameStamp } from "./sameness.js";
import type { Found } from "./localIdentity.js";
import type { RemoteEntry, Stamp } from "../remote/remoteFiles.js";

/** What is known of the files and folders of a root, by path, to be read. */
export type Entries = Pick<
  EntryTable,
  | "size"
  | "get"
  | "has"
  | "keys"
  | "values"
  | "numberOf"
  | "childrenOf"
  | "files"
  | "end"
  | "at"
  | "parentOf"
  | "pathOf"
  | "sizeAt"
  | "heldAt"
  | "changes"
  | "changedFolders"
>;

/** What of an entry is there, a bit for each. */
const flag = {
  present: 1,
  folder: 2,
  seen: 4,
  held: 8,
  /** `held` is what `seen` is. */
  heldAsSeen: 16,
  /** `held` is what `seen` is but for the time, which is "". */
  heldUnsettled: 32,
  partial: 64,
  partialAsSeen: 128,
  verified: 256,
  notVerified: 512,
  local: 1024,
  localShared: 2048,
  /** The local name is the host's. */
  plainName: 4096,
  /** Of the entry that stands in another place: `localName`. */
  otherName: 8192,
  /** See `unsettled`. */
  settled: 16_384,
  /** See `passOver`. */
  passedOver: 32_768,
} as const;

const named = flag.plainName | flag.otherName;

/** What a table may hold: more is no root of runs, and would not fit into memory. */
export interface TableLimits {
  /** Files and folders, those that lead to them included. */
  readonly entries: number;
  /** Bytes of all their names. */
  readonly nameBytes: number;
}

const usualLimits: TableLimits = { entries: 1_100_000, nameBytes: 64 * 1024 * 1024 };

/**
 * Entries by path, in some hundred bytes each, which are put together anew whenever they are asked for. Each has a number,
 * which is good until the entry was forgotten.
 */
export class EntryTable {
  readonly #paths = new PathTree();
  readonly #flags = new Column(integers);
  readonly #seen = new StampColumns();
  readonly #local = new IdentityColumns();
  // What few of them have.
  readonly #held = new Map<number, Stamp>();
  readonly #partial = new Map<number, Stamp>();
  readonly #usedAt = new Map<number, number>();
  readonly #localNames = new NameColumn();
  readonly #limits: TableLimits;
  readonly #changed = new ChangedFolders();
  #decider: object | undefined;
  #size = 0;
  /** How many have a local name. */
  #named = 0;

  constructor(limits = usualLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#size;
  }

  /** Whether it has more than a root of runs ever has. */
  get isTooLarge(): boolean {
    return this.#paths.count > this.#limits.entries || this.#paths.nameBytes > this.#limits.nameBytes;
  }

  /** How often an entry was set or taken away. */
  get changes(): number {
    return this.#changed.count;
  }

  /** The numbers of the folders directly in which something changed since then; undefined where that is long ago. */
  changedFolders(since: number): ReadonlySet<number> | undefined {
    return this.#changed.since(since);
  }

  has(path: string): boolean {
    const number = this.#paths.find(path);
    return number !== undefined && this.#is(number, flag.present);
  }

  get(path: string): ManifestEntry | undefined {
    const number = this.#paths.find(path);
    return number === undefined ? undefined : this.at(number);
  }

  /** The entry with this number. */
  at(number: number): ManifestEntry | undefined {
    const flags = this.#flags.get(number);
    if ((flags & flag.present) === 0) return undefined;
    const path = this.#paths.pathOf(number);
    const seen = flags & flag.seen ? this.#seen.get(number) : undefined;
    const identity = flags & flag.local ? this.#local.get(number) : undefined;
    return {
      path,
      kind: flags & flag.folder ? "folder" : "file",
      seen,
      held: this.#heldAt(number, flags, seen),
      verified: flags & flag.verified ? true : flags & flag.notVerified ? false : undefined,
      partial: flags & flag.partialAsSeen ? seen : this.#partial.get(number),
      usedAt: this.#usedAt.get(number),
      local: identity && flags & flag.localShared ? { ...identity, isShared: true } : identity,
      localName: this.localNameAt(number),
    };
  }

  /** Whether any entry has a local name. */
  get isAnyNamed(): boolean {
    return this.#named > 0;
  }

  /** The local name of an entry. Faster than to ask for the entry. */
  localNameOf(path: string): string | undefined {
    if (!this.isAnyNamed) return undefined;
    const number = this.#paths.find(path);
    return number === undefined ? undefined : this.localNameAt(number);
  }

  localNameAt(number: number): string | undefined {
    return this.#is(number, flag.plainName) ? this.#paths.nameOf(number) : this.#localNames.get(number);
  }

  /** The last part of the path. Faster than to ask for the path. */
  nameAt(number: number): string {
    return this.#paths.nameOf(number);
  }

  /** Whether the host had the entry like this when it was last seen. Faster than to ask for the entry. */
  isSeenAs(number: number, { kind, stamp }: Pick<RemoteEntry, "kind" | "stamp">): boolean {
    const wanted = flag.present | flag.seen | (kind === "folder" ? flag.folder : 0);
    const isLike = (this.#flags.get(number) & (flag.present | flag.seen | flag.folder)) === wanted;
    return isLike && this.#seen.isSame(number, stamp);
  }

  /**
   * Whether what stands in the place of a held file or folder is what was left there, and the copy has what the host had.
   * Faster than to ask for the entry; false also where that would have to be asked.
   */
  isLeftAs(number: number, found: Found): boolean {
    if (found === undefined || found === "folder") return this.#is(number, flag.folder) && found === "folder";
    const wanted = flag.local | flag.heldAsSeen;
    const isLike = (this.#flags.get(number) & wanted) === wanted;
    return isLike && this.#local.isSame(number, found) && found.size >= this.#seen.sizeAt(number);
  }

  /** The number of a path, of folders that lead to an entry too; 0 is the root. */
  numberOf(path: string): number | undefined {
    return this.#paths.find(path);
  }

  pathOf(number: number): string {
    return this.#paths.pathOf(number);
  }

  parentOf(number: number): number {
    return this.#paths.parentOf(number);
  }

  /** How many folders lead to it. */
  depthOf(number: number): number {
    return this.#paths.depthOf(number);
  }

  /** @returns the entry's number. */
  set(entry: ManifestEntry): number {
    const { path, kind, seen, held, verified, partial, usedAt, local, localName } = entry;
    const number = this.#paths.add(path);
    if (!this.#is(number, flag.present)) this.#size += 1;
    this.#named += Number(localName !== undefined) - Number(this.#is(number, named));
    const isAsSeen = seen && held && isSame(seen, held);
    const isUnsettled = seen && held?.mtime === "" && isSame(seen, { ...held, mtime: seen.mtime });
    const isPartialAsSeen = seen && partial && isSame(seen, partial);
    const isPlainName = localName !== undefined && localName === lastOf(path);
    const flags =
      flag.present |
      (kind === "folder" ? flag.folder : 0) |
      (seen ? flag.seen : 0) |
      (held ? flag.held : 0) |
      (isAsSeen ? flag.heldAsSeen : 0) |
      (isUnsettled ? flag.heldUnsettled : 0) |
      (partial ? flag.partial : 0) |
      (isPartialAsSeen ? flag.partialAsSeen : 0) |
      (verified ? flag.verified : verified === false ? flag.notVerified : 0) |
      (local ? flag.local : 0) |
      (local?.isShared ? flag.localShared : 0) |
      (isPlainName ? flag.plainName : localName === undefined ? 0 : flag.otherName) |
      (isSettled(entry) ? flag.settled : 0);
    this.#flags.set(number, flags);
    if (seen) this.#seen.set(number, seen);
    if (local) this.#local.set(number, local);
    put(this.#held, number, isAsSeen || isUnsettled ? undefined : held);
    put(this.#partial, number, isPartialAsSeen ? undefined : partial);
    put(this.#usedAt, number, usedAt);
    this.#localNames.set(number, flags & flag.otherName ? localName : undefined);
    this.#changed.note(this.#paths.parentOf(number));
    return number;
  }

  /** Takes the entry away; its number and its path stay until they are forgotten. @returns the number, if there was one. */
  remove(path: string): number | undefined {
    const number = this.#paths.find(path);
    if (number === undefined || !this.#is(number, flag.present)) return undefined;
    this.#size -= 1;
    if (this.#is(number, named)) this.#named -= 1;
    this.#flags.set(number, 0);
    for (const few of [this.#held, this.#partial, this.#usedAt]) few.delete(number);
    this.#localNames.set(number, undefined);
    this.#changed.note(this.#paths.parentOf(number));
    return number;
  }

  /** Lets another entry have the number of one that was taken away. @param isNeeded for something else. */
  forget(number: number, isNeeded: (number: number) => boolean): void {
    const folder = this.#paths.parentOf(number);
    this.#paths.release(number, (one) => this.#is(one, flag.present) || isNeeded(one));
    // Its number may be that of another one soon.
    if (!this.#paths.has(folder)) this.#changed.forget();
  }

  *keys(): IterableIterator<string> {
    for (const number of this.numbers()) yield this.pathOf(number);
  }

  *values(): IterableIterator<ManifestEntry> {
    for (const number of this.numbers()) {
      const entry = this.at(number);
      if (entry) yield entry;
    }
  }

  numbers(): IterableIterator<number> {
    return this.#numbersWith(flag.present, flag.present);
  }

  /** The numbers of the files. */
  files(): IterableIterator<number> {
    return this.#numbersWith(flag.present | flag.folder, flag.present);
  }

  /** One more than the highest number there is. */
  get end(): number {
    return this.#paths.end;
  }

  /** Bytes of a file as the host has it, or as it is here where the host has it no longer. Faster than to ask for the entry. */
  sizeAt(number: number): number {
    if (this.#is(number, flag.seen)) return this.#seen.sizeAt(number);
    return this.#held.get(number)?.size ?? 0;
  }

  /** The numbers of those of which the copy may be another than the host has, and that are not passed over. */
  unsettled(): IterableIterator<number> {
    return this.#numbersWith(flag.present | flag.settled | flag.passedOver, flag.present);
  }

  /** Skip the entry until it is set again. */
  passOver(number: number): void {
    this.#flags.set(number, this.#flags.get(number) | flag.passedOver);
  }

  /** Sets whose decision a skip is. Entries that another one skipped are looked at again. */
  decideBy(decider: object): void {
    if (this.#decider === decider) return;
    this.#decider = decider;
    for (const number of this.#numbersWith(flag.passedOver, flag.passedOver)) {
      this.#flags.set(number, this.#flags.get(number) & ~flag.passedOver);
    }
  }

  /** The numbers of the files and folders of which the copy has something. @param from the first number. */
  held(from = 1): IterableIterator<number> {
    const wanted = flag.present | flag.held;
    return this.#numbersWith(wanted, wanted, from);
  }

  /** The numbers of those that somebody asked for. */
  used(): IterableIterator<number> {
    return this.#usedAt.keys();
  }

  /** The entries that lie directly in a folder. @param folder its number. */
  childrenOf(folder: number): ManifestEntry[] {
    const children: ManifestEntry[] = [];
    for (const number of this.numbers()) {
      const entry = this.#paths.parentOf(number) === folder ? this.at(number) : undefined;
      if (entry) children.push(entry);
    }
    return children;
  }

  /** Whether something of any file is here whose local name was not decided on. */
  get isAnyHereUnnamed(): boolean {
    for (const number of this.#numbersWith(flag.present | flag.folder | named, flag.present)) {
      if (this.#is(number, flag.held | flag.partial | flag.local)) return true;
    }
    return false;
  }

  /** Whether the host has any of them, as far as is known. */
  get isAnySeen(): boolean {
    const wanted = flag.present | flag.seen;
    return !this.#numbersWith(wanted, wanted).next().done;
  }

  *#numbersWith(mask: number, wanted: number, from = 1): IterableIterator<number> {
    for (let number = from; number < this.#paths.end; number += 1) {
      if ((this.#flags.get(number) & mask) === wanted) yield number;
    }
  }

  /** What the copy has of a file or folder. Faster than to ask for the entry. */
  heldAt(number: number): Stamp | undefined {
    const flags = this.#flags.get(number);
    if ((flags & flag.present) === 0 || (flags & flag.held) === 0) return undefined;
    return this.#heldAt(number, flags, flags & flag.seen ? this.#seen.get(number) : undefined);
  }

  /** Whether the host had it when it was last listed. */
  isSeenAt(number: number): boolean {
    return this.#is(number, flag.present) && this.#is(number, flag.seen);
  }

  /** Whether it is a file. */
  isFileAt(number: number): boolean {
    return this.#is(number, flag.present) && !this.#is(number, flag.folder);
  }

  #heldAt(number: number, flags: number, seen: Stamp | undefined): Stamp | undefined {
    if (flags & flag.heldAsSeen) return seen;
    return flags & flag.heldUnsettled && seen ? { ...seen, mtime: "" } : this.#held.get(number);
  }

  #is(number: number, wanted: number): boolean {
    return (this.#flags.get(number) & wanted) !== 0;
  }
}

function isSame(one: Stamp, other: Stamp): boolean {
  return one === other || (isSameStamp(one, other) && one.mode === other.mode);
}

/** Whether the copy has what the host has, as far as is known: there is nothing to be done. */
function isSettled({ kind, seen, held, verified }: ManifestEntry): boolean {
  if (!seen || !held) return false;
  if (kind === "folder") return isSameContent({ ...seen, size: held.size }, held) && seen.mode === held.mode;
  return isSameStamp(seen, held) && verified !== false;
}

function put<T>(few: Map<number, T>, number: number, value: T | undefined): void {
  if (value !== undefined) few.set(number, value);
  else if (few.size > 0) few.delete(number);
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
