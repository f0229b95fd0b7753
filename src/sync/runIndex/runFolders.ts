import { inTurns } from "../../common/async/inTurns.js";
import type { EntryTable } from "../manifest/entryTable.js";
import { NumberSet } from "../manifest/numberSet.js";
import { hashOf, rootNumber } from "../manifest/pathTree.js";
import { isMetadata, metadataNames } from "./layout.js";

/** Runs of a root that are told of. A root with more can be copied, but lists of them all would not fit into memory. */
const mostRuns = 50_000;

/** The folders of the runs in a cache. */
export interface RunFolders {
  /** What tells in this program whether the metadata of a run changed, by its folder. */
  readonly keys: ReadonlyMap<string, number>;
  /** How many more there are: of very many, those whose metadata changed last are told of. */
  readonly leftOut: number;
}

/** Entries that are looked at before others have their turn: some ten milliseconds. */
const atOnce = 5_000;
const foldersAtOnce = 1_000;
/** Whoever has one of these is a run. */
const firstNames = ["meta.json", "status.json"] as const;
const isFirstName = new Set<string>(firstNames);

/** Every folder with a `meta.json` or `status.json` in the cache that does not lie in the folder of a run. */
export async function findRunFolders(entries: EntryTable, most = mostRuns): Promise<RunFolders> {
  const found = await foldersWithMetadata(entries);
  // What lies in the folder of a run belongs to it, as a copy of its code that holds such a file.
  const isWithin = (number: number): boolean => {
    for (let one = entries.parentOf(number); one !== rootNumber; one = entries.parentOf(one)) {
      if (found.has(one)) return true;
    }
    return false;
  };
  const [numbers, times] = [new Uint32Array(found.size), new Float64Array(found.size)];
  const newest = new Highest(most);
  let count = 0;
  for await (const some of inTurns(found, foldersAtOnce)) {
    for (const number of some) {
      if (isWithin(number)) continue;
      const time = changedAt(entries, number);
      [numbers[count], times[count]] = [number, time];
      newest.add(time);
      count += 1;
    }
  }
  const leftOut = Math.max(0, count - most);
  const oldest = newest.lowest();
  const keys = new Map<string, number>();
  for await (const some of inTurns(numbers.subarray(0, count).entries(), foldersAtOnce)) {
    for (const [index, number] of some) {
      if (keys.size === most || (times[index] ?? 0) < oldest) continue;
      const folder = entries.pathOf(number);
      const key = keyOf(entries, folder);
      // It may have gone meanwhile.
      if (key !== undefined) keys.set(folder, key);
    }
  }
  return { keys, leftOut };
}

/** The numbers of the folders. */
async function foldersWithMetadata(entries: EntryTable): Promise<NumberSet> {
  const found = new NumberSet();
  for await (const some of inTurns(entries.held(), atOnce)) {
    for (const number of some) {
      if (!isFirstName.has(entries.nameAt(number))) continue;
      const { kind, held, path } = entries.at(number) ?? {};
      if (kind === "file" && held && isMetadata(path ?? "", held.size)) found.add(entries.parentOf(number));
    }
  }
  return found;
}

/** Seconds since the epoch by the host's clock. */
function changedAt(entries: EntryTable, folder: number): number {
  const path = entries.pathOf(folder);
  const times = firstNames.map((name) => Number(entries.get(`${path}/${name}`)?.held?.mtime ?? 0));
  return Math.max(...times);
}

/** Small, as it is kept for each run; undefined where there is no metadata. */
function keyOf(entries: EntryTable, folder: string): number | undefined {
  let facts = "";
  for (const name of metadataNames) {
    const path = `${folder}/${name}`;
    const { kind, held } = entries.get(path) ?? {};
    if (kind !== "file" || !held || !isMetadata(path, held.size)) continue;
    facts += `${name} ${held.size} ${held.mtime} ${held.inode}\n`;
  }
  if (facts === "") return undefined;
  if (isDeletedRun(folder, entries)) facts += "deleted";
  if (isGoneRun(folder, entries)) facts += "gone";
  // As many bits as a number has.
  return hashOf(0, facts) * 2 ** 20 + (hashOf(1, facts) >>> 12);
}

/** Up to Runicorn 0.6 a deleted run stays where it was, with a mark; since then it moves to the recycle bin. */
export function isDeletedRun(folder: string, entries: Pick<EntryTable, "has">): boolean {
  return folder.startsWith("runs/.recycle/") || entries.has(`${folder}/.deleted`);
}

/** Whether the host has none of the files that make it a run, as it was last listed. */
export function isGoneRun(folder: string, entries: Pick<EntryTable, "get">): boolean {
  return !firstNames.some((name) => entries.get(`${folder}/${name}`)?.seen);
}

/** The highest of many numbers: those alone are ever sorted at once. */
class Highest {
  readonly #most: number;
  readonly #values: Float64Array;
  #count = 0;

  constructor(most: number) {
    this.#most = most;
    this.#values = new Float64Array(2 * most);
  }

  add(value: number): void {
    this.#values[this.#count] = value;
    this.#count += 1;
    if (this.#count === this.#values.length) this.#cut();
  }

  /** The lowest of the highest ones; -Infinity where there are not so many. */
  lowest(): number {
    if (this.#count < this.#most) return -Infinity;
    this.#cut();
    return this.#values[0] ?? -Infinity;
  }

  #cut(): void {
    this.#values.subarray(0, this.#count).sort();
    this.#values.copyWithin(0, this.#count - this.#most, this.#count);
    this.#count = this.#most;
  }
}
