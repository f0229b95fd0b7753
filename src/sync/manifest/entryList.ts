import type { EntryTable } from "./entryTable.js";
import type { ManifestEntry } from "./manifestEntry.js";

/** Some entries in an order of their own, by their numbers: each is as it is when its turn comes. */
export class EntryList implements Iterable<ManifestEntry> {
  readonly #entries: EntryTable;
  readonly #turns = new Map<number, number[]>();
  #length = 0;

  constructor(entries: EntryTable) {
    this.#entries = entries;
  }

  get length(): number {
    return this.#length;
  }

  /** @param turn those with a lower one come first, and else they come in the order in which they were added. */
  add(number: number, turn = 0): void {
    const present = this.#turns.get(turn);
    if (present) present.push(number);
    else this.#turns.set(turn, [number]);
    this.#length += 1;
  }

  *[Symbol.iterator](): Iterator<ManifestEntry> {
    for (const turn of [...this.#turns.keys()].sort((a, b) => a - b)) {
      for (const number of this.#turns.get(turn) ?? []) {
        const entry = this.#entries.at(number);
        if (entry) yield entry;
      }
    }
  }
}
