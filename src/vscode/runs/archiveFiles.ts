import * as vscode from "vscode";
import type { LocalPath } from "../../common/files/regularFile.js";
import type { ManifestEntry } from "../../sync/manifest/manifestEntry.js";
import { readSnapshot, readSnapshotFile, type Snapshot } from "../../runs/snapshot/snapshot.js";
import { writeForUri } from "../runKit/runUris.js";
import { snapshotErrorText } from "../runKit/snapshotWords.js";
import type { ArchivePath } from "./archivePath.js";

/** A file or folder in an archive. */
export interface ArchiveMember extends ArchivePath {
  readonly uri: vscode.Uri;
  /** The archive itself. */
  readonly entry: ManifestEntry;
}

/** The files in archives of source files, read-only. */
export interface ArchiveFiles {
  stat(member: ArchiveMember): Promise<vscode.FileStat>;
  readDirectory(member: ArchiveMember): Promise<[string, vscode.FileType][]>;
  readFile(member: ArchiveMember): Promise<Uint8Array>;
}

/** Maximum number of cached listings: an editor asks for each file several times. */
const mostRemembered = 8;

/** @param fetch fetches an archive and returns its local path. */
export function createArchiveFiles(fetch: (member: ArchiveMember) => Promise<LocalPath>): ArchiveFiles {
  const lists = new Map<string, Promise<Snapshot>>();

  const listOf = (member: ArchiveMember): Promise<Snapshot> => {
    const { uri, archive, entry } = member;
    const stamp = entry.seen ?? entry.held;
    const key = JSON.stringify([uri.authority, archive, stamp?.size, stamp?.mtime]);
    const present = lists.get(key);
    if (present) return present;
    const made = fetch(member).then((file) => readSnapshot(file));
    lists.set(key, made);
    // Do not cache failures.
    made.catch(() => lists.delete(key));
    const [oldest] = lists.keys();
    if (lists.size > mostRemembered && oldest !== undefined) lists.delete(oldest);
    return made;
  };

  return {
    stat: async (member) => {
      const { files } = await inWords(listOf(member));
      const stamp = member.entry.seen ?? member.entry.held;
      const time = Math.round(Number(stamp?.mtime ?? 0) * 1_000);
      const file = files.get(member.path);
      const isFolder = !file && childrenOf(files.keys(), member.path).size > 0;
      if (!file && !isFolder) throw vscode.FileSystemError.FileNotFound(member.uri);
      return {
        type: file ? vscode.FileType.File : vscode.FileType.Directory,
        ctime: time,
        mtime: time,
        size: file?.bytes ?? 0,
        permissions: vscode.FilePermission.Readonly,
      };
    },
    readDirectory: async (member) => {
      const { files } = await inWords(listOf(member));
      const children = childrenOf(files.keys(), member.path);
      if (children.size === 0) throw vscode.FileSystemError.FileNotFound(member.uri);
      return [...children].map(([name, isFolder]): [string, vscode.FileType] => [
        writeForUri(name),
        isFolder ? vscode.FileType.Directory : vscode.FileType.File,
      ]);
    },
    readFile: async (member) => inWords(readSnapshotFile(await fetch(member), member.path)),
  };
}

/** The names in a folder, with whether each is a folder. */
function childrenOf(paths: Iterable<string>, folder: string): ReadonlyMap<string, boolean> {
  const children = new Map<string, boolean>();
  const start = `${folder}/`;
  for (const path of paths) {
    if (!path.startsWith(start)) continue;
    const [name = "", ...rest] = path.slice(start.length).split("/");
    children.set(name, rest.length > 0);
  }
  return children;
}

/** Turns errors into messages that an editor shows instead of the file. */
async function inWords<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const text = snapshotErrorText(error);
    throw text === undefined ? error : vscode.FileSystemError.Unavailable(text);
  }
}
