import { randomBytes } from "node:crypto";
import { appendFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { readFileIfPresent } from "../common/sharedFile.js";
import { isSafePath } from "./listing.js";
import type { Stamp } from "./remoteFiles.js";

/** What is known of one file or folder: how the host had it last, and what of it is in the cache. */
export interface ManifestEntry {
  readonly path: string;
  readonly kind: "file" | "folder";
  /** At the last scan; undefined: gone from the host. */
  readonly seen: Stamp | undefined;
  /** The state that the cache holds. */
  readonly held?: Stamp | undefined;
  /** False: size and times alone do not prove that the cache holds the host's bytes, so they are to be compared. */
  readonly verified?: boolean | undefined;
  /** The state that was being fetched: a part of it may wait in the staging folder, or all of it be in its place. */
  readonly partial?: Stamp | undefined;
  /** Milliseconds since the epoch: fetched because somebody asked. Those are the first to go when room is needed. */
  readonly usedAt?: number | undefined;
}

/** What the cache holds, in a file that every change is appended to. What was not written yet is found out again. */
export interface Manifest {
  readonly entries: ReadonlyMap<string, ManifestEntry>;
  /** Grows with every change of an entry. */
  readonly version: number;
  get(path: string): ManifestEntry | undefined;
  set(entry: ManifestEntry): void;
  remove(path: string): void;
  /** Writes what changed since the last flush. */
  flush(): Promise<void>;
  /** Reads the file again when another program wrote it. Returns whether it did. */
  refresh(): Promise<boolean>;
}

type Packed = readonly [number, string, string, string, number];
interface Line {
  readonly p: string;
  readonly k?: "d";
  readonly s?: Packed;
  /** 1: the same as `s`. */
  readonly h?: Packed | 1;
  readonly n?: 1;
  readonly t?: Packed;
  readonly u?: number;
  /** Removed. */
  readonly x?: 1;
}

/** Lines beyond twice the entries before the file is written anew. */
const slack = 1_000;

/** @param file absolute path; missing is empty. */
export async function openManifest(file: string): Promise<Manifest> {
  const entries = new Map<string, ManifestEntry>();
  const dirty = new Set<string>();
  let lines = 0;
  let version = 0;
  let mark: string | undefined;
  let torn = false;

  const read = async (): Promise<void> => {
    mark = await markOf(file);
    const bytes = await readFileIfPresent(file);
    entries.clear();
    dirty.clear();
    lines = 0;
    version += 1;
    torn = bytes !== undefined && bytes.length > 0 && bytes.at(-1) !== 10;
    for (const text of bytes?.toString("utf8").split("\n") ?? []) {
      const line = parseLine(text);
      if (!line) continue;
      lines += 1;
      if (line.x) entries.delete(line.p);
      else entries.set(line.p, unpackLine(line));
    }
  };

  const rewrite = async (): Promise<void> => {
    const beside = `${file}.${randomBytes(6).toString("hex")}.new`;
    try {
      await writeFile(beside, [...entries.values()].map(packLine).join(""), { mode: 0o600, flush: true });
      await rename(beside, file);
    } catch (error) {
      await rm(beside, { force: true });
      throw error;
    }
    lines = entries.size;
    torn = false;
  };

  await read();
  return {
    entries,
    get version() {
      return version;
    },
    get: (path) => entries.get(path),
    set: (entry) => {
      entries.set(entry.path, entry);
      dirty.add(entry.path);
      version += 1;
    },
    remove: (path) => {
      if (!entries.delete(path)) return;
      dirty.add(path);
      version += 1;
    },
    flush: async () => {
      if (dirty.size === 0) return;
      const changed = [...dirty];
      dirty.clear();
      if (torn || lines + changed.length > 2 * entries.size + slack) await rewrite();
      else {
        const text = changed.map((path) => {
          const entry = entries.get(path);
          return entry ? packLine(entry) : `${JSON.stringify({ p: path, x: 1 } satisfies Line)}\n`;
        });
        try {
          await appendFile(file, text.join(""), { mode: 0o600 });
        } catch (error) {
          changed.forEach((path) => dirty.add(path));
          torn = true;
          throw error;
        }
        lines += changed.length;
      }
      mark = await markOf(file);
    },
    refresh: async () => {
      if ((await markOf(file)) === mark) return false;
      await read();
      return true;
    },
  };
}

async function markOf(file: string): Promise<string> {
  const info = await stat(file, { bigint: true }).catch(() => undefined);
  return info ? `${info.ino} ${info.size} ${info.mtimeNs}` : "";
}

function pack({ size, mtime, ctime, inode, mode }: Stamp): Packed {
  return [size, mtime, ctime, inode, mode];
}

function unpack([size, mtime, ctime, inode, mode]: Packed): Stamp {
  return { size, mtime, ctime, inode, mode };
}

function packLine({ path, kind, seen, held, verified, partial, usedAt }: ManifestEntry): string {
  const line: Line = {
    p: path,
    ...(kind === "folder" && { k: "d" }),
    ...(seen && { s: pack(seen) }),
    ...(held && { h: seen && isSameStamp(seen, held) ? 1 : pack(held) }),
    ...(verified === false && { n: 1 }),
    ...(partial && { t: pack(partial) }),
    ...(usedAt !== undefined && { u: usedAt }),
  };
  return `${JSON.stringify(line)}\n`;
}

function unpackLine({ p, k, s, h, n, t, u }: Line): ManifestEntry {
  const seen = s && unpack(s);
  return {
    path: p,
    kind: k === "d" ? "folder" : "file",
    seen,
    held: h === 1 ? seen : h && unpack(h),
    verified: h === undefined ? undefined : n !== 1,
    partial: t && unpack(t),
    usedAt: u,
  };
}

/** A line cut short by a crash is no line: what it told is found out again. */
function parseLine(text: string): Line | undefined {
  if (text === "") return undefined;
  try {
    const line = JSON.parse(text) as Line | null;
    const isStamp = (packed: unknown): boolean =>
      packed === undefined || packed === 1 || (Array.isArray(packed) && packed.length === 5);
    const isLine =
      typeof line?.p === "string" && isSafePath(line.p) && [line.s, line.h, line.t].every(isStamp);
    return isLine ? line : undefined;
  } catch {
    return undefined;
  }
}

/** Whether nothing tells the two states apart. */
export function isSameStamp(one: Stamp, other: Stamp): boolean {
  return isSameContent(one, other) && one.ctime === other.ctime && one.inode === other.inode;
}

/** Whether size and time of the content agree: proof only together with inode and change time. */
export function isSameContent(one: Stamp, other: Stamp): boolean {
  return one.size === other.size && one.mtime === other.mtime;
}
