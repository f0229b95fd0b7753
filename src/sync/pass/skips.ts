import { isSyncFailure, type NotStoredReason } from "../failures.js";
import type { ManifestEntry } from "../manifest/manifestEntry.js";
import { foldersAbove } from "./scan.js";
import type { Unreadable } from "../remote/remoteFiles.js";

/** Why one file or folder is not copied, or not removed: the host does not let us have it, or this machine. */
export type SkipReason =
  | Unreadable
  | NotStoredReason
  /** It was another one at each reading. */
  | "changing";

export interface Skipped {
  /** Relative to the root; "" is the root itself, of which not everything could be listed. */
  readonly path: string;
  readonly why: SkipReason;
}

/** Entries that recently failed. Retried when they change, and otherwise with back-off. */
export interface Skips {
  /** Whether it is to be tried now. */
  isDue(entry: ManifestEntry): boolean;
  /** An attempt failed. */
  note(entry: ManifestEntry, why: SkipReason): void;
  /** An attempt succeeded. */
  settle(path: string): void;
  /** Forgets all paths but those of which this is true. */
  keepOnly(isWanted: (path: string) => boolean): void;
  has(path: string): boolean;
  /** Whether a folder above it is among them. */
  hasAbove(path: string): boolean;
  list(): readonly Skipped[];
}

/** Milliseconds until what was tried in vain is tried again where nothing about it changed; doubled each time. */
const firstDelay = 500;
const longestDelay = 60_000;

interface Vain {
  readonly why: SkipReason;
  readonly state: string;
  readonly delay: number;
  readonly dueAt: number;
}

export function createSkips(now: () => number = Date.now): Skips {
  const vain = new Map<string, Vain>();
  return {
    isDue: (entry) => {
      const last = vain.get(entry.path);
      return !last || last.state !== stateOf(entry) || last.why === "changing" || now() >= last.dueAt;
    },
    note: (entry, why) => {
      const last = vain.get(entry.path);
      const state = stateOf(entry);
      const delay = last?.state === state ? Math.min(2 * last.delay, longestDelay) : firstDelay;
      vain.set(entry.path, { why, state, delay, dueAt: now() + delay });
    },
    settle: (path) => void vain.delete(path),
    keepOnly: (isWanted) => {
      for (const path of [...vain.keys()]) if (!isWanted(path)) vain.delete(path);
    },
    has: (path) => vain.has(path),
    hasAbove: (path) => vain.size > 0 && foldersAbove(path).some((folder) => vain.has(folder)),
    list: () => [...vain].map(([path, { why }]) => ({ path, why })),
  };
}

/** Whether it is this machine that does not take it. */
export function isNotStored(why: SkipReason): why is NotStoredReason {
  return why !== "changing" && why !== "denied" && why !== "unreadable" && why !== "path-too-long";
}

/** How the host has it: permissions are part of it, since they change its change time. */
function stateOf({ kind, seen }: ManifestEntry): string {
  return seen ? `${kind} ${seen.size} ${seen.mtime} ${seen.ctime} ${seen.inode}` : "gone";
}

/** Does something for one entry. @returns why that one cannot be stored; any other error is thrown. */
export async function reasonNotStored(work: () => Promise<unknown>): Promise<NotStoredReason | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (isSyncFailure(error, "sync-entry-not-stored")) return error.detail.reason;
    throw error;
  }
}
