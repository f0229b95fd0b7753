import { inTurns } from "../../common/async/inTurns.js";
import type { EntryTable } from "../manifest/entryTable.js";
import { hashOf } from "../manifest/pathTree.js";
import { folded } from "./nameRules.js";

/** Entries that are looked at before others have their turn: some ten milliseconds. */
const atOnce = 10_000;
/** The hash of no name. */
const none = 0;

/**
 * Which entry of a folder has which local name, as a file system sees it that tells few names apart. It holds numbers alone
 * and asks the table for the names, so what was removed or has another name by now is not found.
 */
export class TakenNames {
  readonly #entries: EntryTable;
  /** By number. */
  #hashes = new Uint32Array(1024);
  /** Of those whose hash leads to the same slot, the next one; 0: none. */
  #next = new Uint32Array(1024);
  /** By the last bits of the hash, the first one; 0: none. */
  #slots = new Uint32Array(1024);
  #count = 0;

  private constructor(entries: EntryTable) {
    this.#entries = entries;
  }

  /** With all names that the entries have; others have their turn meanwhile, and none changes. */
  static async of(entries: EntryTable): Promise<TakenNames> {
    const taken = new TakenNames(entries);
    for await (const some of inTurns(entries.numbers(), atOnce))
      some.forEach((number) => taken.#addOwn(number));
    return taken;
  }

  /** The same at once. */
  static now(entries: EntryTable): TakenNames {
    const taken = new TakenNames(entries);
    for (const number of entries.numbers()) taken.#addOwn(number);
    return taken;
  }

  #addOwn(number: number): void {
    const name = this.#entries.localNameAt(number);
    if (name !== undefined) this.add(number, name);
  }

  /** @param parent the number of the folder. */
  ownerOf(parent: number, name: string): number | undefined {
    const seen = folded(name);
    const hash = hashIn(parent, seen);
    for (let one = this.#slots[this.#slotOf(hash)] ?? 0; one !== 0; one = this.#next[one] ?? 0) {
      if (this.#hashes[one] !== hash || this.#entries.parentOf(one) !== parent) continue;
      const owned = this.#entries.localNameAt(one);
      if (owned !== undefined && folded(owned) === seen) return one;
    }
    return undefined;
  }

  /** @param number of an entry whose local name this is, or is about to be. */
  add(number: number, name: string): void {
    if (number >= this.#hashes.length) this.#makeRoom(number);
    if (this.#hashes[number] === none) this.#count += 1;
    else this.#unlink(number);
    this.#hashes[number] = hashIn(this.#entries.parentOf(number), folded(name));
    if (this.#count > this.#slots.length) this.#spread();
    else this.#link(number);
  }

  #link(number: number): void {
    const slot = this.#slotOf(this.#hashes[number] ?? none);
    this.#next[number] = this.#slots[slot] ?? 0;
    this.#slots[slot] = number;
  }

  #unlink(number: number): void {
    const slot = this.#slotOf(this.#hashes[number] ?? none);
    const next = this.#next[number] ?? 0;
    let one = this.#slots[slot] ?? 0;
    if (one === number) this.#slots[slot] = next;
    else {
      while (this.#next[one] !== number) one = this.#next[one] ?? 0;
      this.#next[one] = next;
    }
  }

  /** Into twice as many slots. */
  #spread(): void {
    this.#slots = new Uint32Array(2 * this.#slots.length);
    this.#hashes.forEach((hash, number) => {
      if (hash !== none) this.#link(number);
    });
  }

  #makeRoom(number: number): void {
    const length = Math.max(number + 1, Math.ceil(1.5 * this.#hashes.length));
    const [hashes, next] = [new Uint32Array(length), new Uint32Array(length)];
    hashes.set(this.#hashes);
    next.set(this.#next);
    [this.#hashes, this.#next] = [hashes, next];
  }

  #slotOf(hash: number): number {
    return hash & (this.#slots.length - 1);
  }
}

function hashIn(parent: number, seen: string): number {
  return hashOf(parent, seen) || 1;
}
