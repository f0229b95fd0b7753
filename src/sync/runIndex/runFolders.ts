import { createHash } from "node:crypto";
import { inTurns } from "../../common/async/inTurns.js";
import type { EntryTable } from "../manifest/entryTable.js";
import { NumberSet } from "../manifest/numberSet.js";
import { rootNumber } from "../manifest/pathTree.js";
import { isMetadata, largestMetadata, metadataNames, runFolderOf } from "./layout.js";

/** Runs of a root that are told of. A root with more can be copied, but lists of them all would not fit into memory. */
export const mostRuns = 50_000;
/** Of those, the part that runs have which are gone from the host, however many newer ones there are; and what others leave. */
const goneShare = 0.2;

/** The folders of the runs in a cache. */
export interface RunFolders {
  /** What tells whether the metadata of a run changed, by its folder. */
  readonly keys: ReadonlyMap<string, string>;
  /** How many more there are: of very many, those whose metadata changed last are told of. */
  readonly leftOut: number;
}

/** Entries that are looked at before others have their turn: some ten milliseconds. */
const atOnce = 5_000;
const foldersAtOnce = 500;
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
  if (found.size <= most) return { keys: await keysOf(entries, found, isWithin), leftOut: 0 };
  const [numbers, times] = [new Uint32Array(found.size), new Float64Array(found.size)];
  const isGone = new Uint8Array(found.size);
  const [present, gone] = [new Highest(most), new Highest(most)];
  let count = 0;
  for await (const some of inTurns(found, foldersAtOnce)) {
    for (const number of some) {
      if (isWithin(number)) continue;
      const path = entries.pathOf(number);
      const time = changedAt(entries, path);
      const goes = isGoneRun(path, entries);
      [numbers[count], times[count], isGone[count]] = [number, time, Number(goes)];
      (goes ? gone : present).add(time);
      count += 1;
    }
  }
  const leftForGone = Math.max(Math.floor(goneShare * most), most - present.added);
  const quotas = [most - Math.min(gone.added, leftForGone), leftForGone] as const;
  const oldest = [present.lowest(quotas[0]), gone.lowest(quotas[1])] as const;
  const taken: [number, number] = [0, 0];
  const chosen = new NumberSet();
  for await (const some of inTurns(numbers.subarray(0, count).entries(), foldersAtOnce)) {
    for (const [index, number] of some) {
      const kind = isGone[index] === 1 ? 1 : 0;
      if (taken[kind] === quotas[kind] || (times[index] ?? 0) < oldest[kind]) continue;
      taken[kind] += 1;
      chosen.add(number);
    }
  }
  const keys = await keysOf(entries, chosen, () => false);
  return { keys, leftOut: Math.max(0, count - most) };
}

/** What tells whether the metadata of these folders changed, by their paths. */
async function keysOf(
  entries: EntryTable,
  folders: NumberSet,
  isNone: (folder: number) => boolean,
): Promise<ReadonlyMap<string, string>> {
  const keys = new Map<string, string>();
  for await (const some of inTurns(await metadataIn(entries, folders), foldersAtOnce)) {
    for (const [folder, files] of some) {
      if (isNone(folder)) continue;
      const path = entries.pathOf(folder);
      const key = keyOf(entries, path, files);
      // It may have gone meanwhile.
      if (key !== undefined) keys.set(path, key);
    }
  }
  return keys;
}

/** The numbers of the folders. */
async function foldersWithMetadata(entries: EntryTable): Promise<NumberSet> {
  const found = new NumberSet();
  for await (const some of inTurns(entries.held(), atOnce)) {
    for (const number of some) {
      if (!isFirstName.has(entries.nameAt(number))) continue;
      const folder = entries.parentOf(number);
      if (!found.has(folder) && isHeld(entries, entries.pathOf(folder), number)) found.add(folder);
    }
  }
  return found;
}

/** Seconds since the epoch by the host's clock. @param path of the folder. */
function changedAt(entries: EntryTable, path: string): number {
  let latest = -Infinity;
  for (const name of firstNames) {
    const file = entries.numberOf(`${path}/${name}`);
    const held = file === undefined ? undefined : entries.heldAt(file);
    latest = Math.max(latest, Number(held?.mtime ?? 0));
  }
  return latest;
}

/** The numbers of the metadata of each of these folders that is here. */
async function metadataIn(
  entries: EntryTable,
  folders: NumberSet,
): Promise<ReadonlyMap<number, readonly number[]>> {
  const found = new Map<number, number[]>();
  for await (const some of inTurns(entries.held(), atOnce)) {
    for (const number of some) {
      const folder = entries.parentOf(number);
      if (!folders.has(folder) || !metadataNames.has(entries.nameAt(number))) continue;
      const files = found.get(folder);
      if (files) files.push(number);
      else found.set(folder, [number]);
    }
  }
  return found;
}

/** What tells whether the metadata of one folder changed; undefined where it is no run, but for those within others. */
export function keyOfFolder(entries: EntryTable, folder: string): string | undefined {
  const numbers = Array.from(metadataNames, (name) => entries.numberOf(`${folder}/${name}`));
  const files = numbers.filter((number) => number !== undefined);
  const isRun = files.some((file) => isFirstName.has(entries.nameAt(file)) && isHeld(entries, folder, file));
  return isRun ? keyOf(entries, folder, files) : undefined;
}

function isHeld(entries: EntryTable, folder: string, file: number): boolean {
  const held = entries.isFileAt(file) ? entries.heldAt(file) : undefined;
  return held !== undefined && isMetadata(`${folder}/${entries.nameAt(file)}`, held.size);
}

/**
 * Small, as it is kept for each run, and the same in each program; undefined where there is no metadata.
 * @param files those in the folder that are named as metadata.
 */
function keyOf(entries: EntryTable, folder: string, files: readonly number[]): string | undefined {
  if (!runFolderOf(`${folder}/`)) return undefined;
  const facts: string[] = [];
  let isSeen = false;
  for (const file of files) {
    const name = entries.nameAt(file);
    if (isFirstName.has(name) && entries.isSeenAt(file)) isSeen = true;
    const held = entries.isFileAt(file) ? entries.heldAt(file) : undefined;
    if (held && held.size <= largestMetadata) facts.push(`${name} ${held.size} ${held.mtime} ${held.inode}`);
  }
  if (facts.length === 0) return undefined;
  if (isDeletedRun(folder, entries)) facts.push("deleted");
  if (!isSeen && isGoneRun(folder, entries)) facts.push("gone");
  return createHash("sha1").update(facts.sort().join("\n")).digest("base64").slice(0, 16);
}

/** Up to Runicorn 0.6 a deleted run stays where it was, with a mark; since then it moves to the recycle bin. */
export function isDeletedRun(folder: string, entries: Pick<EntryTable, "has">): boolean {
  return folder.startsWith("runs/.recycle/") || entries.has(`${folder}/.deleted`);
}

/** Whether the host has none of the files that make it a run, as it was last listed. */
export function isGoneRun(folder: string, entries: Pick<EntryTable, "numberOf" | "isSeenAt">): boolean {
  return !firstNames.some((name) => {
    const file = entries.numberOf(`${folder}/${name}`);
    return file !== undefined && entries.isSeenAt(file);
  });
}

/** The highest of many numbers: those alone are ever sorted at once. */
class Highest {
  /** How many there were. */
  added = 0;
  readonly #most: number;
  readonly #values: Float64Array;
  #count = 0;

  constructor(most: number) {
    this.#most = most;
    this.#values = new Float64Array(2 * most);
  }

  add(value: number): void {
    this.added += 1;
    this.#values[this.#count] = value;
    this.#count += 1;
    if (this.#count === this.#values.length) this.#cut();
  }

  /** The lowest of so many of the highest ones, as many as are kept or fewer; -Infinity where there are not so many. */
  lowest(of: number): number {
    if (this.added < of) return -Infinity;
    this.#cut();
    return this.#values[this.#count - of] ?? Infinity;
  }

  #cut(): void {
    this.#values.subarray(0, this.#count).sort();
    const kept = Math.min(this.#count, this.#most);
    this.#values.copyWithin(0, this.#count - kept, this.#count);
    this.#count = kept;
  }
}
