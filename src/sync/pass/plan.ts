import { inTurns } from "../../common/async/inTurns.js";
import { isMetadata, type CopyMode } from "../runIndex/layout.js";
import { EntryList } from "../manifest/entryList.js";
import type { EntryTable } from "../manifest/entryTable.js";
import type { ManifestEntry } from "../manifest/manifestEntry.js";
import { type Choices, noChoices } from "./choices.js";
import { foldersAbove } from "./scan.js";
import { isHere, isSameContent, isSameStamp } from "../manifest/sameness.js";
import type { Stamp } from "../remote/remoteFiles.js";

/** What has to be done so that the cache is as the host is, one after the other. */
export interface Plan {
  /** Deepest first. */
  readonly remove: EntryList;
  /** From the top. */
  readonly makeFolder: EntryList;
  /** Size and time of the content agree, and yet the bytes may differ. */
  readonly verify: EntryList;
  /** The small ones first. */
  readonly fetch: EntryList;
}

/** Seconds after a change until the times of a file tell of every later one. */
const settleTime = 2;
/** Seconds of rest before a file of many bytes is read through on the host to compare it. */
const longRest = 30;
const manyBytes = 64 * 1024 * 1024;
/** Entries that are looked at before others have their turn: some ten milliseconds. */
const atOnce = 5_000;

/**
 * Computes the steps from the manifest's state to the host's.
 * @param now seconds since the epoch by the host's clock.
 */
export async function plan(
  entries: EntryTable,
  mode: CopyMode,
  now: number,
  choices: Choices = noChoices,
): Promise<Plan> {
  entries.decideBy(choices);
  const [remove, makeFolder] = [new EntryList(entries), new EntryList(entries)];
  const [verify, fetch] = [new EntryList(entries), new EntryList(entries)];
  for await (const numbers of inTurns(entries.unsettled(), atOnce)) {
    for (const number of numbers) {
      const entry = entries.at(number);
      const action = entry && actionFor(entry, mode, now);
      if (!entry || !action) continue;
      if (isPassedOver(entries, entry, action, choices)) entries.passOver(number);
      else if (action === "remove") remove.add(number, -entries.depthOf(number));
      else if (action === "make-folder") makeFolder.add(number, entries.depthOf(number));
      else if (action === "verify") verify.add(number);
      else fetch.add(number, magnitude(entry.seen));
    }
  }
  return { remove, makeFolder, verify, fetch };
}

/** What the choices have against an action. */
export function isPassedOver(
  entries: EntryTable,
  entry: ManifestEntry,
  action: Action,
  { keepGone, isExcluded }: Choices,
): boolean {
  if (isExcluded(entry)) return true;
  // Half a file is nothing to be kept, and where the host has a file no folder can stay.
  if (action !== "remove" || !keepGone || !(entry.held ?? entry.kind === "folder")) return false;
  return !foldersAbove(entry.path).some((above) => {
    const { kind, seen } = entries.get(above) ?? {};
    return kind === "file" && seen !== undefined;
  });
}

/** Of about the same size, files come as they were listed: together with those beside them. */
function magnitude(stamp: Stamp | undefined): number {
  return Math.ceil(Math.log2((stamp?.size ?? 0) + 1));
}

type Action = "remove" | "make-folder" | "fetch" | "verify";

/** What has to be done about one entry, if anything. */
export function actionFor(entry: ManifestEntry, mode: CopyMode, now: number): Action | undefined {
  const { seen, held, verified, kind, path } = entry;
  if (!seen) return isHere(entry) ? "remove" : undefined;
  if (kind === "folder") {
    const done = mode === "smart" || (held?.mtime === seen.mtime && held.mode === seen.mode);
    return done ? undefined : "make-folder";
  }
  if (mode === "smart" && !isMetadata(path, seen.size)) return undefined;
  if (!held || !isSameContent(seen, held)) return "fetch";
  if (!isSameStamp(seen, held)) return "verify";
  return verified === false && isSettled(seen, now) ? "verify" : undefined;
}

/** A change time in the future only means that clocks differ. */
function isSettled({ ctime, size }: Stamp, now: number): boolean {
  const rest = now - Number(ctime);
  return rest < -settleTime || rest > (size > manyBytes ? longRest : settleTime);
}
