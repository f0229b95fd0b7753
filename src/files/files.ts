import { posix } from "node:path";
import { timeLimit } from "../common/async/timeLimit.js";
import { decodeBytes, encodeBytes } from "../common/text/bytes.js";
import { trimEndOf, trimOf } from "../common/text/trimCharacter.js";
import { Cancelled, Failure, throwIfCancelled } from "../common/failure.js";
import type { Connection } from "../ssh/model/connection.js";
import { createBudget } from "../common/async/budget.js";
import { sortInTurns } from "../common/async/sortInTurns.js";
import type { DirectoryEntry } from "./directoryEntry.js";
import type { FilesFailure } from "./failures.js";
import { listHere, lookHere, resolveHere } from "./localFiles.js";
import { openSftp, type Sftp } from "./sftp.js";
import { type Answer, type FileAttributes, type NameEntry, packet, statusCode } from "./sftpWire.js";

export interface Directory {
  /** Absolute, with `~` expanded. */
  readonly path: string;
  /** Folders first, then by name; hidden ones included. */
  readonly entries: readonly DirectoryEntry[];
}

/** Folders and files of hosts, over SFTP. Paths are absolute, `~`, below `~/`, or relative to the home. */
export interface Files {
  /** @throws Failure with a `FilesFailure` or `SshFailure`, or Cancelled. */
  list(connection: Connection, path: string, signal?: AbortSignal): Promise<Directory>;
  /** What is at the path; following links. @throws like {@link Files.list}, but not for a path that is missing. */
  look(
    connection: Connection,
    path: string,
    signal?: AbortSignal,
  ): Promise<{ readonly path: string; readonly kind: DirectoryEntry["kind"] | "missing" }>;
}

/** Milliseconds for one listing: a network disk that hangs must not hold a caller for ever. */
const listLimit = 30_000;
/** READDIR requests under way at once: each is a round trip, and OpenSSH answers about a hundred names at a time. */
const readdirsInFlight = 8;
/** Links that are followed at once. */
const linksInFlight = 64;
/** Entries of a folder that are read, and bytes of their names: a server may list for ever. */
const mostEntries = 1_000_000;
const longestNames = 64 * 1024 * 1024;
/** Linux allows 4096 bytes. */
const longestPath = 4_096;
/** Most file systems allow 255 bytes. */
const longestName = 255;

const typeMask = 0o170000;
const folderType = 0o040000;
const linkType = 0o120000;
const fileType = 0o100000;

export function createFiles(): Files {
  return {
    list: async (connection, path, signal) => {
      requirePath(path);
      if (connection.local) return listLocal(connection.local.home, path, connection.target.host, signal);
      return withSftp(connection, signal, async (sftp, host) => {
        const absolute = await resolve(sftp, path, host);
        const handle = await sftp.request(packet.opendir, encodeBytes(absolute));
        if (handle.kind !== "handle") throw await refusal(sftp, handle, host, absolute);
        const entries = await readAll(sftp, handle.handle, { host, path: absolute });
        return { path: absolute, entries: await sortInTurns(entries, inOrder) };
      });
    },
    look: async (connection, path, signal) => {
      requirePath(path);
      if (connection.local) {
        const absolute = resolveHere(path, connection.local.home);
        const kind = await lookHere(absolute, connection.target.host, listLimit, signal);
        return { path: absolute, kind };
      }
      return withSftp(connection, signal, async (sftp, host) => {
        const absolute = await resolve(sftp, path, host);
        const answer = await sftp.request(packet.stat, encodeBytes(absolute));
        if (answer.kind === "attributes") return { path: absolute, kind: kindOf(answer.attributes) };
        const failure = await refusal(sftp, answer, host, absolute);
        if (failure.detail.code !== "path-missing") throw failure;
        return { path: absolute, kind: "missing" };
      });
    },
  };
}

/** @throws Failure `path-invalid` */
function requirePath(path: string): void {
  if (path.includes("\0") || Buffer.byteLength(path) > longestPath)
    throw new Failure<FilesFailure>({ code: "path-invalid", path: path.slice(0, 200) });
}

async function listLocal(home: string, path: string, host: string, signal?: AbortSignal): Promise<Directory> {
  const absolute = resolveHere(path, home);
  const limits = { entries: mostEntries, names: longestNames, time: listLimit };
  const entries = await listHere(absolute, host, limits, signal);
  return { path: absolute, entries: await sortInTurns(entries, inOrder) };
}

/** One session per question: it costs a round trip or two, and none stays open on a host that allows few. */
async function withSftp<T>(
  connection: Connection,
  signal: AbortSignal | undefined,
  work: (sftp: Sftp, host: string) => Promise<T>,
): Promise<T> {
  throwIfCancelled(signal);
  const { host } = connection.target;
  const limit = timeLimit(listLimit);
  const either = signal ? AbortSignal.any([signal, limit]) : limit;
  let sftp: Sftp | undefined;
  const onAbort = (): void => sftp?.close();
  either.addEventListener("abort", onAbort, { once: true });
  try {
    sftp = await openSftp(connection, either);
    if (either.aborted) throw new Cancelled();
    return await work(sftp, host);
  } catch (error) {
    throwIfCancelled(signal);
    if (limit.aborted)
      throw new Failure<FilesFailure>({ code: "files-timed-out", host, seconds: listLimit / 1000 });
    throw error;
  } finally {
    either.removeEventListener("abort", onAbort);
    sftp?.close();
  }
}

/** The server's working folder is the home: `~` is what it says of `.`. */
async function resolve(sftp: Sftp, path: string, host: string): Promise<string> {
  // Not normalized: `..` after a link means what the host says.
  if (path.startsWith("/")) return trimEndOf(path, "/") || "/";
  const answer = await sftp.request(packet.realpath, Buffer.from("."));
  const home = answer.kind === "names" ? answer.names[0]?.name : undefined;
  if (home === undefined)
    throw new Failure<FilesFailure>({ code: "sftp-unavailable", host, reason: "no home" });
  const below = trimOf(path.replace(/^~(?=\/|$)/, ""), "/");
  return below === "" ? decodeBytes(home) : `${decodeBytes(home)}/${below}`;
}

/** What a folder holds, links followed. */
async function readAll(
  sftp: Sftp,
  handle: Buffer,
  at: { readonly host: string; readonly path: string },
): Promise<DirectoryEntry[]> {
  const entries: DirectoryEntry[] = [];
  const links: { readonly name: string; readonly attributes: FileAttributes }[] = [];
  let more = true;
  const tooLarge: FilesFailure = { code: "folder-too-large", ...at, most: mostEntries };
  const entryBudget = createBudget(mostEntries, tooLarge);
  const nameBudget = createBudget(longestNames, tooLarge);
  const take = ({ name: bytes, attributes }: NameEntry): void => {
    if (!isName(bytes)) return;
    entryBudget.spend(1);
    nameBudget.spend(bytes.length);
    const name = decodeBytes(bytes);
    const { mode } = attributes;
    if (mode === undefined || (mode & typeMask) === linkType) links.push({ name, attributes });
    else entries.push(entryOf(name, attributes));
  };
  const readOn = async (): Promise<void> => {
    while (more) {
      const answer = await sftp.request(packet.readdir, handle);
      if (answer.kind !== "names") {
        more = false;
        return;
      }
      answer.names.forEach(take);
    }
  };
  await Promise.all(Array.from({ length: readdirsInFlight }, readOn));
  void sftp.request(packet.close, handle).catch(() => undefined);
  // The listing tells of a link itself: what it leads to has to be asked.
  const unread = links.values();
  const follow = async (): Promise<void> => {
    for (const { name, attributes } of unread) {
      const answer = await sftp.request(packet.stat, encodeBytes(posix.join(at.path, name)));
      entries.push(entryOf(name, answer.kind === "attributes" ? answer.attributes : attributes));
    }
  };
  await Promise.all(Array.from({ length: linksInFlight }, follow));
  return entries;
}

/** A name leads to what is in the folder, and nowhere else. */
function isName(bytes: Buffer): boolean {
  return (
    bytes.length > 0 &&
    !bytes.includes(0) &&
    !bytes.includes("/") &&
    !/^\.\.?$/.test(bytes.toString("latin1"))
  );
}

function entryOf(name: string, attributes: FileAttributes): DirectoryEntry {
  const kind = kindOf(attributes);
  return { name, kind, size: kind === "folder" ? 0 : attributes.size, mtime: attributes.mtime };
}

function kindOf({ mode = 0 }: FileAttributes): DirectoryEntry["kind"] {
  const type = mode & typeMask;
  return type === folderType ? "folder" : type === fileType ? "file" : "other";
}

/** By code unit, not by locale: the same folder looks the same everywhere. */
function inOrder(a: DirectoryEntry, b: DirectoryEntry): number {
  const folders = Number(b.kind === "folder") - Number(a.kind === "folder");
  return folders || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}

/** OpenSSH says "no such file" of a file that was opened as a folder: a second look tells them apart. */
async function refusal(
  sftp: Sftp,
  answer: Answer,
  host: string,
  path: string,
): Promise<Failure<FilesFailure>> {
  if (answer.kind === "status" && answer.code === statusCode.permissionDenied)
    return new Failure<FilesFailure>({ code: "path-not-permitted", host, path });
  if (Buffer.byteLength(posix.basename(path)) > longestName)
    return new Failure<FilesFailure>({ code: "path-invalid", path });
  const seen = await sftp.request(packet.stat, encodeBytes(path));
  const code = seen.kind === "attributes" ? "path-not-folder" : "path-missing";
  return new Failure<FilesFailure>({ code, host, path });
}
