import { type Entry, reduceEntry } from "./journalRecords.js";

/** The journal in memory: every command that is remembered, those that ended in the order in which they ended. */
export interface JournalIndex {
  readonly entries: ReadonlyMap<string, Entry>;
  /** Ended, and not acknowledged. */
  readonly unacknowledged: ReadonlySet<string>;
  /** Moves one command by one record that stands at `place`. */
  note(id: string, kind: Entry["state"], place?: Entry["place"]): void;
  idsIn(state: Entry["state"]): string[];
  /**
   * Takes over what a smaller journal holds.
   * @param known the ids when it was begun: what was noted since stays, its lines follow in the smaller journal.
   * @param places where the smaller journal has the results of those that it kept.
   */
  shrinkTo(known: readonly string[], places: ReadonlyMap<string, Entry["place"]>): void;
}

/** @param entries of a journal that was just read; the index goes on with this map. */
export function createJournalIndex(entries: Map<string, Entry>): JournalIndex {
  const unacknowledged = new Set<string>();
  for (const [id, { state }] of entries) if (state === "finished") unacknowledged.add(id);

  const forget = (id: string): void => {
    entries.delete(id);
    unacknowledged.delete(id);
  };

  return {
    entries,
    unacknowledged,
    note: (id, kind, place) => {
      const entry = reduceEntry(entries.get(id), kind, place);
      // What ended last stands last: results are sent in that order.
      if (kind === "finished") forget(id);
      entries.set(id, entry);
      if (entry.state === "finished") unacknowledged.add(id);
      else unacknowledged.delete(id);
    },
    idsIn: (wanted) => [...entries].filter(([, { state }]) => state === wanted).map(([id]) => id),
    shrinkTo: (known, places) => {
      for (const id of known) {
        const entry = entries.get(id);
        if (!places.has(id)) forget(id);
        else if (entry) entries.set(id, { state: entry.state, place: places.get(id) });
      }
    },
  };
}
