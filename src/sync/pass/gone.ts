import { inTurns } from "../../common/async/inTurns.js";
import { Failure } from "../../common/failure.js";
import type { RootIdentity } from "../cache/rootIdentity.js";
import type { GoneReason, SyncFailure } from "../failures.js";
import type { Plan } from "./plan.js";
import type { PassWork } from "./passOptions.js";

/** Files that may go at once, whatever share of all they are. */
const few = 20;

/** What a listing says of the root, and what it said before. */
export interface Roots {
  readonly before: RootIdentity | undefined;
  readonly now: RootIdentity | undefined;
}

/**
 * Why what is gone may be there still: a disk that is not mounted leaves an empty folder, or one with other files.
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
 * Before anything is removed: refuses to where it is doubtful that it is gone, unless a person said that it is.
 * @throws Failure `sync-much-gone`
 */
export async function refuseMuchGone(
  { remove }: Pick<Plan, "remove">,
  { cache, root, removeGone }: PassWork,
  now: RootIdentity | undefined,
): Promise<void> {
  const { entries } = cache.manifest;
  let gone = 0;
  for await (const some of inTurns(remove, 500)) {
    gone += some.filter(({ kind, held }) => kind === "file" && held).length;
  }
  const counts = { gone, of: entries.heldFileCount, isEmpty: !entries.isAnySeen };
  const why = doubtGone(counts, { before: await cache.readRoot(), now });
  if (why && !removeGone) {
    throw new Failure<SyncFailure>({ code: "sync-much-gone", root, files: gone, of: counts.of, why });
  }
  if (now) await cache.noteRoot(now);
}
