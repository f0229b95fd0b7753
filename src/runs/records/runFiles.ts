import { inTurns } from "../../common/async/inTurns.js";
import type { Entries } from "../../sync/manifest/entryTable.js";
import type { RunFile } from "../runDetails.js";

/** Files to process before yielding to other events. */
const atOnce = 20_000;
/** Maximum number of files listed of one run. */
const mostFiles = 20_000;

const unknown = 0;
const nobody = -1;

/** Returns a function that finds which of some folders is or contains a folder: its index, or -1. */
function ownersIn(entries: Entries, folders: readonly string[]): (folder: number) => number {
  // Index plus one, so that 0 means unknown.
  const owners = new Int32Array(entries.end);
  folders.forEach((folder, place) => {
    const number = entries.numberOf(folder);
    if (number !== undefined) owners[number] = place + 1;
  });
  const root = entries.numberOf("") ?? 0;
  return (folder) => {
    const way: number[] = [];
    let one = folder;
    while (one !== root && (owners[one] ?? unknown) === unknown) {
      way.push(one);
      one = entries.parentOf(one);
    }
    const owner = one === root ? nobody : (owners[one] ?? nobody);
    for (const between of way) owners[between] = owner;
    return owner === nobody ? -1 : owner - 1;
  };
}

/** Sizes of all runs of a root. Recounts only changed folders. */
export class BytesOfRuns {
  /** Bytes of the direct files of each folder. */
  readonly #direct = new Map<number, number>();

  /**
   * @param changed folders with direct entries that changed since the last call; undefined: any may have.
   * @returns bytes, in the order of `folders`.
   */
  async count(
    entries: Entries,
    changed: ReadonlySet<number> | undefined,
    folders: readonly string[],
  ): Promise<Float64Array> {
    if (!changed) this.#direct.clear();
    for (const folder of changed ?? []) this.#direct.delete(folder);
    if (changed?.size !== 0) await this.#countIn(entries, changed);
    const bytes = new Float64Array(folders.length);
    const ownerOf = ownersIn(entries, folders);
    for await (const some of inTurns(this.#direct, atOnce)) {
      for (const [folder, more] of some) {
        const owner = ownerOf(folder);
        if (owner >= 0) bytes[owner] = (bytes[owner] ?? 0) + more;
      }
    }
    return bytes;
  }

  async #countIn(entries: Entries, folders: ReadonlySet<number> | undefined): Promise<void> {
    for await (const some of inTurns(entries.files(), atOnce)) {
      for (const file of some) {
        const folder = entries.parentOf(file);
        if (folders && !folders.has(folder)) continue;
        this.#direct.set(folder, (this.#direct.get(folder) ?? 0) + entries.sizeAt(file));
      }
    }
  }
}

/** The files of one run, sorted by path, and the size of all of them. Lists 20,000 at most. */
export async function filesOfRun(
  entries: Entries,
  folder: string,
): Promise<{ readonly files: readonly RunFile[]; readonly bytes: number }> {
  const files: RunFile[] = [];
  let bytes = 0;
  const ownerOf = ownersIn(entries, [folder]);
  for await (const some of inTurns(entries.files(), atOnce)) {
    for (const number of some) {
      if (ownerOf(entries.parentOf(number)) !== 0) continue;
      const size = entries.sizeAt(number);
      bytes += size;
      const entry = entries.at(number);
      if (!entry || files.length >= mostFiles) continue;
      const isHere = entry.held !== undefined && entry.held.size === size;
      files.push({ path: entry.path.slice(folder.length + 1), bytes: size, isHere });
    }
  }
  return { files: files.sort((one, other) => (one.path < other.path ? -1 : 1)), bytes };
}
