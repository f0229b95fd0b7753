import { isSafePath } from "../remote/listing.js";
import { isOwnStampText, isStampText, stampOf } from "../remote/stamp.js";
import type { Stamp } from "../remote/remoteFiles.js";
import type { LocalIdentity } from "./localIdentity.js";

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
  /** What stands in its place, as we left it; undefined: nothing that we know to be ours. */
  readonly local?: LocalIdentity | undefined;
  /** Its name on this machine, once it was decided on; undefined also where names are the host's. */
  readonly localName?: string | undefined;
}

type Packed = readonly [size: number, mtime: string, ctime: string, inode: string, mode: number];
/** The last is 1 where another program may have the file open. */
type PackedIdentity = readonly [size: number, mtime: string, inode: string, isShared: 0 | 1];

interface Line {
  readonly p: string;
  readonly k?: "d";
  readonly s?: Packed;
  /** 1: the same as `s`. */
  readonly h?: Packed | 1;
  readonly n?: 1;
  readonly t?: Packed;
  readonly u?: number;
  readonly i?: PackedIdentity;
  /** The change time of `i`. */
  readonly c?: string;
  /** 1: the last part of `p`. */
  readonly l?: string | 1;
  /** Removed. */
  readonly x?: 1;
}

/** One line of the manifest: an entry, or that there is none any more. */
export type ReadLine =
  | { readonly kind: "entry"; readonly entry: ManifestEntry }
  /** Whole, and of a later version: to be kept as it is. */
  | { readonly kind: "foreign"; readonly text: string }
  | { readonly kind: "removed"; readonly path: string };

export function packLine(entry: ManifestEntry): string {
  const { path, kind, seen, held, verified, partial, usedAt, local, localName } = entry;
  const line: Line = {
    p: path,
    ...(kind === "folder" && { k: "d" }),
    ...(seen && { s: pack(seen) }),
    ...(held && { h: seen && isSame(pack(seen), pack(held)) ? 1 : pack(held) }),
    ...(verified === false && { n: 1 }),
    ...(partial && { t: pack(partial) }),
    ...(usedAt !== undefined && { u: usedAt }),
    ...(local && { i: [local.size, local.mtime, local.inode, local.isShared ? 1 : 0] }),
    ...(local?.ctime !== undefined && { c: local.ctime }),
    ...(localName !== undefined && {
      l: path.endsWith(`/${localName}`) || path === localName ? 1 : localName,
    }),
  };
  return `${JSON.stringify(line)}\n`;
}

export function packRemoval(path: string): string {
  return `${JSON.stringify({ p: path, x: 1 } satisfies Line)}\n`;
}

/** Ignore a line truncated by a crash: the next pass finds out again what it said. */
export function readLine(text: string): ReadLine | undefined {
  const parsed = parseJson(text);
  if (typeof parsed !== "object" || parsed === null) return undefined;
  const line = asLine(parsed);
  if (!line) return { kind: "foreign", text };
  return line.x ? { kind: "removed", path: line.p } : { kind: "entry", entry: unpackLine(line) };
}

function pack({ size, mtime, ctime, inode, mode }: Stamp): Packed {
  return [size, mtime, ctime, inode, mode];
}

function isSame(one: Packed, other: Packed): boolean {
  return one.every((value, index) => value === other[index]);
}

function unpack([size, mtime, ctime, inode, mode]: Packed): Stamp {
  const stamp = stampOf({ size, mtime, ctime, inode, mode });
  // Of a folder that is being written into.
  return mtime === "" ? { ...stamp, mtime } : stamp;
}

function unpackLine({ p, k, s, h, n, t, u, i, c, l }: Line): ManifestEntry {
  const seen = s && unpack(s);
  return {
    path: p,
    kind: k === "d" ? "folder" : "file",
    seen,
    held: h === 1 ? seen : h && unpack(h),
    verified: h === undefined ? undefined : n !== 1,
    partial: t && unpack(t),
    usedAt: u,
    local: i && unpackIdentity(i, c),
    localName: l === 1 ? p.slice(p.lastIndexOf("/") + 1) : l,
  };
}

function unpackIdentity(
  [size, mtime, inode, isShared]: PackedIdentity,
  ctime: string | undefined,
): LocalIdentity {
  return {
    size,
    mtime,
    inode,
    ...(isShared === 1 && { isShared: true }),
    ...(ctime !== undefined && { ctime }),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function asLine(parsed: object): Line | undefined {
  const line = parsed as Partial<Line>;
  const isLine =
    typeof line.p === "string" &&
    isSafePath(line.p) &&
    isPacked(line.s) &&
    (line.h === 1 || isPacked(line.h, { mayBeUnsettled: true })) &&
    isPacked(line.t) &&
    isPackedIdentity(line.i) &&
    (line.c === undefined || isTime(line.c)) &&
    isName(line.l);
  return isLine ? (line as Line) : undefined;
}

function isPacked(packed: unknown, { mayBeUnsettled = false } = {}): boolean {
  if (packed === undefined) return true;
  if (!Array.isArray(packed) || packed.length !== 5) return false;
  const [size, mtime, ctime, inode, mode] = packed as readonly unknown[];
  if (!Number.isFinite(size) || !Number.isFinite(mode)) return false;
  // Nearly always.
  if (isOwnStampText(mtime, ctime, inode)) return true;
  const texts = { mtime: mayBeUnsettled && mtime === "" ? "0" : String(mtime), ctime: String(ctime) };
  return isStampText({ ...texts, inode: String(inode) });
}

function isPackedIdentity(packed: unknown): boolean {
  if (packed === undefined) return true;
  if (!Array.isArray(packed) || packed.length !== 4) return false;
  const [size, mtime, inode] = packed as readonly unknown[];
  return Number.isFinite(size) && isTime(mtime) && /^\d{1,20}$/.test(String(inode));
}

/** Nanoseconds since the epoch, as text. */
function isTime(time: unknown): boolean {
  return /^-?\d{1,20}$/.test(String(time));
}

/** One part of a path, and nothing that leads elsewhere. */
function isName(name: unknown): boolean {
  if (name === undefined || name === 1) return true;
  return typeof name === "string" && isSafePath(name) && !/[/\\]/.test(name);
}
