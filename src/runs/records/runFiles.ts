import { inTurns } from "../../common/async/inTurns.js";
import type { Entries } from "../../sync/manifest/entryTable.js";
import type { RunFile } from "../runDetails.js";

/** Files that are looked at before others have their turn. */
const atOnce = 20_000;
/** Files of one run that are told of. */
const mostFiles = 20_000;

const unknown = 0;
const nobody = -1;

/** Says in which of some folders one lies, or which it is: its place, from 0; -1 where it lies in none. */
function ownersIn(entries: Entries, folders: readonly string[]): (folder: number) => number {
  // One more than the place, so that 0 is none.
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

/** Bytes of all files of each run of a root. What changed in few folders is counted there alone. */
export class BytesOfRuns {
  /** Of the files that lie directly in each folder. */
  readonly #direct = new Map<number, number>();

  /**
   * @param changed the folders directly in which something changed since the last call; undefined: all may have.
   * @returns the bytes in the order of the folders of the runs.
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

/** The files of one run, by path, and the bytes of all of them. Of very many, the first ones. */
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
