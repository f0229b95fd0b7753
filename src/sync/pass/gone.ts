import { inTurns } from "../../common/async/inTurns.js";
import { Failure } from "../../common/failure.js";
import type { RootIdentity } from "../cache/rootIdentity.js";
import type { GoneReason, SyncFailure } from "../failures.js";
import type { EntryTable } from "../manifest/entryTable.js";
import type { Choices } from "./choices.js";
import type { Plan } from "./plan.js";
import type { PassWork } from "./passOptions.js";

/** Files that may go at once, whatever share of all they are. */
const few = 20;
/** Entries that are looked at before others have their turn: some ten milliseconds. */
const atOnce = 5_000;

/** What a listing says of the root, and what it said before. */
export interface Roots {
  readonly before: RootIdentity | undefined;
  readonly now: RootIdentity | undefined;
}

/**
 * Why a removal is doubtful: an unmounted disk leaves an empty folder, or one with other files.
 * @param gone files of the copy that are gone from the host. @param of files of the copy.
 * @param isEmpty nothing at all is below the root.
 */
export function doubtGone(
  { gone, of, isEmpty }: { readonly gone: number; readonly of: number; readonly isEmpty: boolean },
  { before, now }: Roots,
): GoneReason | undefined {
  if (gone === 0) return undefined;
  if (isEmpty) return "empty";
  const isMost = 2 * gone > of;
  if (before && now) {
    if (before.inode !== now.inode) return "other-folder";
    // A network disk has another number each time that it is mounted.
    if (before.device !== now.device && isMost) return "other-folder";
  }
  return isMost && gone >= few ? "many" : undefined;
}

/**
 * Refuses a removal that is doubtful, unless the user confirmed it for that many files.
 * @throws Failure `sync-much-gone`
 */
export async function refuseMuchGone(
  { remove }: Pick<Plan, "remove">,
  { cache, root, mayGo }: PassWork,
  choices: Choices,
  now: RootIdentity | undefined,
): Promise<void> {
  const { entries } = cache.manifest;
  const before = await cache.readRoot();
  let gone = 0;
  for await (const some of inTurns(remove, atOnce)) {
    gone += some.filter(({ kind, held }) => kind === "file" && held).length;
  }
  const doubt = (of: number): GoneReason | undefined =>
    doubtGone({ gone, of, isEmpty: !entries.isAnySeen }, { before, now });
  // Count only if it matters.
  const of = doubt(gone) ? gone + (await countStaying(entries, choices)) : gone;
  const why = doubt(of);
  if (why && !(mayGo?.why === why && gone <= mayGo.files)) {
    throw new Failure<SyncFailure>({ code: "sync-much-gone", root, files: gone, of, why });
  }
  if (now) await cache.noteRoot(now);
}

/** Files of the copy that the host has too, without those of which nothing is to be removed in any case. */
async function countStaying(entries: EntryTable, { isExcluded }: Choices): Promise<number> {
  let count = 0;
  for await (const numbers of inTurns(entries.held(), atOnce)) {
    for (const number of numbers) {
      const entry = entries.at(number);
      if (entry?.kind === "file" && entry.seen && !isExcluded(entry)) count += 1;
    }
  }
  return count;
}
