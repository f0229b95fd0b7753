import { posix } from "node:path";
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { sentences } from "../../messages/language/sentences.js";
import type { App } from "../../app.js";
import type { Disposable } from "../../common/async/disposable.js";
import { madeOnce } from "../../common/async/madeOnce.js";
import { readRegular } from "../../common/files/regularFile.js";
import { displayText } from "../../common/text/displayText.js";
import { Cancelled, Failure } from "../../common/failure.js";
import { isSafePath } from "../../sync/remote/listing.js";
import { childrenOf } from "../../sync/manifest/manifest.js";
import type { Entries } from "../../sync/manifest/entryTable.js";
import type { ManifestEntry } from "../../sync/manifest/manifestEntry.js";
import type { ArchiveMember } from "./archiveFiles.js";
import { memberOf } from "./archivePath.js";
import { withProgress } from "../kit/progress.js";
import { readRunUri, runUri, writeForUri } from "../runKit/runUris.js";
import type { LocalFile } from "../../sync/cache/localFile.js";

/** Milliseconds after which fetching a file shows progress. */
const patience = 700;
/** Maximum bytes of a file for an editor. */
const largestFile = 512 * 1024 * 1024;

/** The files of synced runs, read-only. Opening one first fetches it, or what is new of it, from its host. */
export function createRunFileSystem(app: () => Promise<App>): vscode.FileSystemProvider & vscode.Disposable {
  const entriesOf = async (uri: vscode.Uri): Promise<Entries> => {
    try {
      return await (await app()).syncs.entries(uri.authority);
    } catch {
      throw vscode.FileSystemError.FileNotFound(uri);
    }
  };

  const entryAt = async (uri: vscode.Uri): Promise<ManifestEntry | undefined> => {
    const { path } = readRunUri(uri);
    const entries = await entriesOf(uri);
    const entry = entries.get(path);
    if (entry || path === "") return entry;
    throw vscode.FileSystemError.FileNotFound(uri);
  };

  /** A file or folder in an archive of source files; undefined for other paths. */
  const memberAt = async (uri: vscode.Uri): Promise<ArchiveMember | undefined> => {
    const place = memberOf(readRunUri(uri).path);
    const entry = place && (await entriesOf(uri)).get(place.archive);
    return place && entry?.kind === "file" ? { uri, entry, ...place } : undefined;
  };
  const archives = madeOnce(async () => {
    const { createArchiveFiles } = await import("./archiveFiles.js");
    return createArchiveFiles(async (member) => {
      const uri = runUri(member.uri.authority, member.archive);
      return (await fetchFile(await app(), uri).catch(throwUnavailable)).place;
    });
  });

  const watches = createWatches(app, async (uri) => (await memberAt(uri))?.entry ?? entryAt(uri));

  const refuse = (): never => {
    throw vscode.FileSystemError.NoPermissions(l10n.t("Copied runs are read-only."));
  };

  return {
    onDidChangeFile: watches.onDidChangeFile,
    watch: (uri) => watches.watch(uri),
    stat: async (uri) => {
      const member = await memberAt(uri);
      if (member) return (await archives()).stat(member);
      const entry = await entryAt(uri);
      const stamp = entry?.seen ?? entry?.held;
      const time = Math.round(Number(stamp?.mtime ?? 0) * 1_000);
      return {
        type: !entry || entry.kind === "folder" ? vscode.FileType.Directory : vscode.FileType.File,
        ctime: time,
        mtime: time,
        size: stamp?.size ?? 0,
        permissions: vscode.FilePermission.Readonly,
      };
    },
    readDirectory: async (uri) => {
      const member = await memberAt(uri);
      if (member) return (await archives()).readDirectory(member);
      const children = childrenOf(await entriesOf(uri), readRunUri(uri).path);
      if (!children) throw vscode.FileSystemError.FileNotFound(uri);
      return children.map(({ path, kind }): [string, vscode.FileType] => [
        writeForUri(posix.basename(path)),
        kind === "folder" ? vscode.FileType.Directory : vscode.FileType.File,
      ]);
    },
    readFile: async (uri) => {
      const member = await memberAt(uri);
      if (member) return (await archives()).readFile(member);
      const { path } = readRunUri(uri);
      // VS Code looks for its own files (.vscode/settings.json) everywhere: do not ask the host for them.
      const entry = isSafePath(path) ? await entryAt(uri) : undefined;
      if (!entry || entry.kind === "folder") throw vscode.FileSystemError.FileNotFound(uri);
      if ((entry.seen?.size ?? 0) > largestFile) {
        throw vscode.FileSystemError.Unavailable(l10n.t("The file is too large for an editor."));
      }
      return readRegular((await fetchFile(await app(), uri).catch(throwUnavailable)).place);
    },
    createDirectory: refuse,
    writeFile: refuse,
    delete: refuse,
    rename: refuse,
    dispose: () => {
      watches.dispose();
    },
  };
}

interface Watches extends vscode.Disposable {
  readonly onDidChangeFile: vscode.Event<vscode.FileChangeEvent[]>;
  watch(uri: vscode.Uri): vscode.Disposable;
}

/** Reports changes of watched files of a copy. */
function createWatches(
  app: () => Promise<App>,
  entryAt: (uri: vscode.Uri) => Promise<ManifestEntry | undefined>,
): Watches {
  const changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  const watched = new Map<string, { readonly uri: vscode.Uri; count: number; stamp: string }>();
  let listening: Disposable | undefined;

  const onSyncChange = async (syncId: string): Promise<void> => {
    const events: vscode.FileChangeEvent[] = [];
    for (const one of watched.values()) {
      if (one.uri.authority !== syncId) continue;
      const entry = await entryAt(one.uri).catch(() => undefined);
      const stamp = stampOf(entry);
      if (stamp === one.stamp) continue;
      one.stamp = stamp;
      events.push({ type: vscode.FileChangeType.Changed, uri: one.uri });
    }
    if (events.length > 0) changed.fire(events);
  };

  // A failure is reported where the file is read.
  const listen = madeOnce(async () => {
    const { syncs } = await app();
    listening = syncs.onDidChange((id) => void onSyncChange(id));
  });

  return {
    onDidChangeFile: changed.event,
    watch: (uri) => {
      void listen().catch(() => undefined);
      const key = uri.toString();
      const present = watched.get(key) ?? { uri, count: 0, stamp: "" };
      present.count += 1;
      watched.set(key, present);
      void entryAt(uri).then(
        (entry) => (present.stamp = stampOf(entry)),
        () => undefined,
      );
      return new vscode.Disposable(() => {
        present.count -= 1;
        if (present.count === 0) watched.delete(key);
      });
    },
    dispose: () => {
      changed.dispose();
      listening?.dispose();
    },
  };
}

/** The local path of a file, which is fetched first. Shows cancellable progress if that takes long. */
async function fetchFile({ syncs }: App, uri: vscode.Uri): Promise<LocalFile> {
  const { syncId, path } = readRunUri(uri);
  const stop = new AbortController();
  let report: ((done: number, total: number) => void) | undefined;
  const work = syncs.fetch(syncId, path, {
    signal: stop.signal,
    onProgress: (done, total) => report?.(done, total),
  });
  work.catch(() => undefined);
  const isQuick = await Promise.race([
    work.then(() => true),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(false), patience)),
  ]);
  if (isQuick) return work;
  const name = displayText(posix.basename(path));
  return withProgress(l10n.t("Downloading {0}", name), async (signal, say) => {
    signal.addEventListener("abort", () => stop.abort());
    report = (done, total) => say(`${mebibytes(done)} / ${mebibytes(total)} MiB`);
    return work;
  });
}

/** Turns errors into messages that an editor shows instead of the file. */
async function throwUnavailable(error: unknown): Promise<never> {
  if (error instanceof Cancelled) throw vscode.FileSystemError.Unavailable(l10n.t("Cancelled."));
  if (!(error instanceof Failure)) throw error;
  const { describeFailure } = await import("../../messages/describeFailure.js");
  const { message, advice } = describeFailure(error.detail);
  throw vscode.FileSystemError.Unavailable(sentences(message, advice));
}

function stampOf(entry: ManifestEntry | undefined): string {
  const stamp = entry?.seen ?? entry?.held;
  return stamp ? `${stamp.size} ${stamp.mtime}` : "";
}

function mebibytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1);
}
