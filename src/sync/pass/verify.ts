import { inTurns } from "../../common/async/inTurns.js";
import { Cancelled } from "../../common/failure.js";
import type { PathLocks } from "../cache/pathLocks.js";
import type { ManifestEntry } from "../manifest/manifestEntry.js";
import type { Digest } from "../remote/remoteFiles.js";
import type { PassWork } from "./passOptions.js";
import { reasonNotStored } from "./skips.js";

/** Files of one request. */
const filesAtOnce = 1_000;

export interface VerifyOptions {
  /** Gets each file that differs, as it is noted then: it is to be fetched. */
  readonly onDiffering: (entry: ManifestEntry) => void;
  /** Default: that of the cache. What somebody else fetches at the moment is left to them. */
  readonly claim?: PathLocks["take"];
}

/** Compares by checksum where size and times cannot decide, and notes matches. */
export async function verify(
  entries: Iterable<ManifestEntry>,
  options: PassWork,
  verifyOptions: VerifyOptions,
): Promise<void> {
  for await (const some of inTurns(entries, filesAtOnce)) await verifySome(some, options, verifyOptions);
}

async function verifySome(
  entries: readonly ManifestEntry[],
  options: PassWork,
  { onDiffering, claim = (path) => options.cache.pathLocks.take(path) }: VerifyOptions,
): Promise<void> {
  const { remote, root, signal, skips } = options;
  const wanted = entries.map(({ path, seen }) => ({ path, length: seen?.size ?? 0 }));
  const found = await remote.digests(root, wanted, signal);
  for (const [index, entry] of entries.entries()) {
    if (signal.aborted) throw new Cancelled();
    const there = found[index] ?? "missing";
    const reason = await reasonNotStored(async () => {
      if (typeof there !== "object") return;
      const differing = await compare(entry, there, options, claim);
      if (differing) onDiffering(differing);
    });
    const why = reason ?? (typeof there === "object" || there === "missing" ? undefined : there);
    if (why) skips.note(entry, why);
    else skips.settle(entry.path);
  }
}

/** Notes that the copy of a file is the host's, or else returns it as one that differs. */
async function compare(
  entry: ManifestEntry,
  there: Exclude<Digest, string>,
  { cache }: PassWork,
  claim: PathLocks["take"],
): Promise<ManifestEntry | undefined> {
  const { files, manifest } = cache;
  const { path, seen } = entry;
  // Changed meanwhile: the next scan tells.
  if (!seen || there.stamp.mtime !== seen.mtime || there.stamp.size !== seen.size) return undefined;
  const leave = claim(path);
  leave?.();
  if (!leave) return undefined;
  const size = await files.size(path);
  const same = size === seen.size && (await files.digest(path, [[0, seen.size]])) === there.digest;
  const known: ManifestEntry = { ...entry, partial: undefined };
  if (same) {
    const local = await files.setStamp(path, seen);
    manifest.set({ ...known, held: seen, verified: true, local });
    return undefined;
  }
  const differing: ManifestEntry = { ...known, verified: false };
  manifest.set(differing);
  return differing;
}
