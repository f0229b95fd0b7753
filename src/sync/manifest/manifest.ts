import { appendFile, stat } from "node:fs/promises";
import { createSerialQueue } from "../../common/async/serialQueue.js";
import { replaceFile } from "../../common/files/replaceFile.js";
import { readInPieces } from "../../common/files/sharedFile.js";
import { type Entries, EntryTable } from "./entryTable.js";
import { type ManifestEntry, packLine, packRemoval, readLine } from "./manifestEntry.js";
import { NumberSet } from "./numberSet.js";

/** What the cache holds, in a file that every change is appended to. What was not written yet is found out again. */
export interface Manifest {
  /** Another table whenever the file was read. */
  readonly entries: EntryTable;
  /** Grows with every change of an entry. */
  readonly version: number;
  /** How often the file was read. */
  readonly reads: number;
  get(path: string): ManifestEntry | undefined;
  /** @returns the number of the entry in the table. */
  set(entry: ManifestEntry): number;
  remove(path: string): void;
  /** Writes what changed since the last flush. */
  flush(): Promise<void>;
  /** Reads the file again when another program wrote it. Returns whether it did. */
  refresh(): Promise<boolean>;
}

/** Lines beyond twice the entries before the file is written anew. */
const slack = 1_000;

/**
 * @param file absolute path; missing is empty.
 * @param checkRight is called right before anything is written.
 * @param warn hears what is not understood.
 */
export async function openManifest(
  file: string,
  checkRight: () => Promise<void>,
  warn: (message: string) => void = () => undefined,
): Promise<Manifest> {
  const manifest = new FileManifest(file, checkRight, warn);
  await manifest.refresh();
  return manifest;
}

class FileManifest implements Manifest {
  entries = new EntryTable();
  version = 0;
  reads = 0;
  readonly #file: string;
  readonly #checkRight: () => Promise<void>;
  readonly #warn: (message: string) => void;
  /** What reads or writes the file. */
  readonly #queue = createSerialQueue();
  /** Numbers of the entries that are not in the file as they are. */
  #dirty = new NumberSet();
  /** How the file was when it was read or written last. */
  #mark: string | undefined;
  #lines = 0;
  /** Lines of a later version, as they are. */
  #foreign: readonly string[] = [];
  /** Its last line may not be whole. */
  #torn = false;

  constructor(file: string, checkRight: () => Promise<void>, warn: (message: string) => void) {
    this.#file = file;
    this.#checkRight = checkRight;
    this.#warn = warn;
  }

  get(path: string): ManifestEntry | undefined {
    return this.entries.get(path);
  }

  set(entry: ManifestEntry): number {
    const number = this.entries.set(entry);
    this.#dirty.add(number);
    this.version += 1;
    return number;
  }

  remove(path: string): void {
    const number = this.entries.remove(path);
    if (number === undefined) return;
    this.#dirty.add(number);
    this.version += 1;
  }

  flush(): Promise<void> {
    return this.#queue.add(() => this.#write());
  }

  refresh(): Promise<boolean> {
    return this.#queue.add(async () => {
      if ((await markOf(this.#file)) === this.#mark) return false;
      await this.#read();
      return true;
    });
  }

  async #read(): Promise<void> {
    const mark = await markOf(this.#file);
    const entries = new EntryTable();
    const foreign: string[] = [];
    let lines = 0;
    const torn = await eachLine(this.#file, (text) => {
      const line = readLine(text);
      if (!line) return;
      lines += 1;
      // A part of a text keeps all of it in memory.
      if (line.kind === "foreign") foreign.push(Buffer.from(line.text).toString());
      else if (line.kind === "entry") entries.set(line.entry);
      else forget(entries, line.path);
    });
    [this.#mark, this.#lines, this.#torn, this.#foreign] = [mark, lines, torn, foreign];
    if (foreign.length > 0) {
      this.#warn(`${this.#file}: ${foreign.length} lines are not understood, and are kept`);
    }
    this.entries = entries;
    this.#dirty = new NumberSet();
    this.version += 1;
    this.reads += 1;
  }

  async #write(): Promise<void> {
    if (this.#dirty.size === 0) return;
    await this.#checkRight();
    const changed = this.#dirty;
    this.#dirty = new NumberSet();
    try {
      const kept = 2 * this.entries.size + this.#foreign.length;
      if (this.#torn || this.#lines + changed.size > kept + slack) await this.#rewrite();
      else await this.#append(changed);
    } catch (error) {
      for (const number of changed) this.#dirty.add(number);
      this.#torn = true;
      throw error;
    }
    this.#mark = await markOf(this.#file);
    for (const number of changed) {
      this.entries.forget(number, (one) => this.#dirty.has(one));
    }
  }

  async #rewrite(): Promise<void> {
    const { entries } = this;
    await replaceFile(
      this.#file,
      async (file) => {
        for (const part of inParts(this.#foreign, (text) => `${text}\n`)) await file.writeFile(part);
        for (const part of inParts(entries.values(), packLine)) await file.writeFile(part);
      },
      { syncFolder: true, beforeRename: this.#checkRight },
    );
    this.#lines = entries.size + this.#foreign.length;
    this.#torn = false;
  }

  async #append(changed: NumberSet): Promise<void> {
    const lineOf = (number: number): string => {
      const entry = this.entries.at(number);
      return entry ? packLine(entry) : packRemoval(this.entries.pathOf(number));
    };
    for (const part of inParts(changed, lineOf)) await appendFile(this.#file, part, { mode: 0o600 });
    this.#lines += changed.size;
  }
}

function forget(entries: EntryTable, path: string): void {
  const number = entries.remove(path);
  if (number !== undefined) entries.forget(number, () => false);
}

/** Lines that are put together at once. */
const linesAtOnce = 1_000;

/** The lines of many entries, some at a time: all of them as one text would take as much memory again. */
function* inParts<T>(all: Iterable<T>, lineOf: (one: T) => string): Iterable<Buffer> {
  let lines: string[] = [];
  for (const one of all) {
    if (lines.push(lineOf(one)) < linesAtOnce) continue;
    yield Buffer.from(lines.join(""));
    lines = [];
  }
  if (lines.length > 0) yield Buffer.from(lines.join(""));
}

/**
 * Reads a file line by line, some at a time; none where there is no such file.
 * @returns whether the last line has no end.
 */
async function eachLine(file: string, onLine: (text: string) => void): Promise<boolean> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of readInPieces(file)) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, piece]) : piece;
    const end = bytes.lastIndexOf(10) + 1;
    rest = Buffer.from(bytes.subarray(end));
    // All at once is faster than one by one.
    if (end > 0)
      bytes
        .toString("utf8", 0, end - 1)
        .split("\n")
        .forEach(onLine);
  }
  if (rest.length > 0) onLine(rest.toString("utf8"));
  return rest.length > 0;
}

async function markOf(file: string): Promise<string> {
  const info = await stat(file, { bigint: true }).catch(() => undefined);
  return info ? `${info.ino} ${info.size} ${info.mtimeNs}` : "";
}

/**
 * What lies directly in a folder, files of which nothing is here included; "" is the root.
 * @returns undefined where there is no such folder.
 */
export function childrenOf(entries: Entries, folder: string): readonly ManifestEntry[] | undefined {
  const number = entries.numberOf(folder);
  const all = number === undefined ? [] : entries.childrenOf(number);
  const children = all.filter(({ seen, held }) => seen ?? held);
  const exists = folder === "" || entries.get(folder)?.kind === "folder";
  return exists || children.length > 0 ? children : undefined;
}
