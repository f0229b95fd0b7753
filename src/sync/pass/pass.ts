import { inTurns } from "../../common/async/inTurns.js";
import type { EntryList } from "../manifest/entryList.js";
import { NumberSet } from "../manifest/numberSet.js";
import type { ManifestEntry } from "../manifest/manifestEntry.js";
import { refuseMuchGone } from "./gone.js";
import { noChoices } from "./choices.js";
import { actionFor, isPassedOver, type Plan, plan } from "./plan.js";
import type { PassOptions, PassResult, PassWork } from "./passOptions.js";
import { refuseWithoutRoom } from "./room.js";
import { parentOf, scanInto } from "./scan.js";
import { createSkips, reasonNotStored, type Skipped, type Skips } from "./skips.js";
import { expectedBytes, transfer } from "./transfer.js";
import { verify } from "./verify.js";

/** The turn of files that turn out to be other ones. */
const last = 64;
/** Entries that are looked at before others have their turn, let go of while they are young; and that something is done to. */
const atOnce = 500;
const fewAtOnce = 200;

/** Milliseconds in which each pass looks at the copy: some hundred files on a disk of this machine. */
const lookTime = 10;

/**
 * One pass that brings the copy up to date: lists, compares, then removes, creates folders, fetches and verifies.
 * @throws Failure with a `SyncFailure` or `SshFailure`, or Cancelled. What was done until then counts.
 */
export async function runPass(wanted: PassOptions): Promise<PassResult> {
  const options: PassWork = { ...wanted, skips: wanted.skips ?? createSkips() };
  const { cache, remote, root, mode, pace, signal, onProgress, skips } = options;
  return cache.whileWriting(async () => {
    onProgress?.({ kind: "scanning" });
    const { now, hidden, rootIdentity } = await scanInto(cache.manifest, remote, root, { signal, pace });
    cache.lookForDamage(lookTime);
    try {
      const choices = (await options.choices?.()) ?? noChoices;
      const { entries } = cache.manifest;
      const steps = await plan(entries, mode, now, choices);
      skips.keepOnly((path) => {
        const entry = entries.get(path);
        const action = entry && actionFor(entry, mode, now);
        return entry && action ? !isPassedOver(entries, entry, action, choices) : false;
      });
      await refuseMuchGone(steps, options, choices, rootIdentity);
      await refuseWithoutRoom(await bytesOf(dueIn(steps.fetch, skips)), cache);
      const touched = mode === "mirror" ? await unsettleFolders(steps, options) : noFolders;
      const removed = await remove(steps.remove, options);
      await makeFolders(steps.makeFolder, options);
      await verify(dueIn(steps.verify, skips), options, {
        onDiffering: ({ path }) => {
          const number = entries.numberOf(path);
          if (number !== undefined) steps.fetch.add(number, last);
        },
      });
      const result = await transfer(dueIn(steps.fetch, skips), options);
      await settleFolders(options, touched);
      const unlisted = [...hidden].map(([path, why]): Skipped => ({ path, why }));
      return {
        ...result,
        changedFiles: result.changedFiles + removed,
        hostTime: now,
        skipped: [...unlisted, ...skips.list()],
      };
    } finally {
      await cache.manifest.flush();
    }
  }, signal);
}

/** Those that are to be tried now; what is below a folder that cannot be made is not. */
function dueIn(list: Iterable<ManifestEntry>, skips: Skips): Iterable<ManifestEntry> {
  return {
    *[Symbol.iterator]() {
      for (const entry of list) if (skips.isDue(entry) && !skips.hasAbove(entry.path)) yield entry;
    },
  };
}

async function bytesOf(wanted: Iterable<ManifestEntry>): Promise<number> {
  let bytes = 0;
  for await (const some of inTurns(wanted, atOnce)) {
    bytes = some.reduce((sum, entry) => sum + expectedBytes(entry), bytes);
  }
  return bytes;
}

async function remove(list: EntryList, { cache: { files, manifest }, skips }: PassWork): Promise<number> {
  let removedFiles = 0;
  for await (const some of inTurns(list, fewAtOnce)) {
    for (const entry of some) {
      if (!skips.isDue(entry)) continue;
      const { path, kind } = entry;
      const reason = await reasonNotStored(async () => {
        await files.remove(path, kind);
        await files.removeStaged(path);
      });
      // What has no name here was never stored.
      if (reason && reason !== "name-too-long" && reason !== "name-not-allowed") {
        skips.note(entry, reason);
        continue;
      }
      skips.settle(path);
      manifest.remove(path);
      if (kind === "file") removedFiles += 1;
    }
  }
  return removedFiles;
}

/** What is below a folder that cannot be made is not tried: the folder is what is told of. */
async function makeFolders(list: EntryList, { cache: { files }, skips }: PassWork): Promise<void> {
  for await (const some of inTurns(list, fewAtOnce)) {
    for (const entry of some) {
      if (!skips.isDue(entry) || skips.hasAbove(entry.path)) continue;
      const reason = await reasonNotStored(() => files.makeFolder(entry.path));
      if (reason) skips.note(entry, reason);
      else skips.settle(entry.path);
    }
  }
}

/** The time of no folder. */
const unsettled = "";

const noFolders = new NumberSet();

/**
 * Notes that the folders which are about to be written into are no longer as the host's: whatever happens before they are
 * settled, the next pass does it.
 * @returns the numbers of those folders.
 */
async function unsettleFolders(
  { remove: gone, makeFolder, fetch, verify: doubtful }: Plan,
  { cache: { manifest }, skips }: PassWork,
): Promise<NumberSet> {
  const { entries } = manifest;
  const touched = new NumberSet();
  const touch = (path: string): void => {
    const number = entries.numberOf(path);
    if (number !== undefined) touched.add(number);
  };
  for (const list of [gone, makeFolder, fetch, doubtful]) {
    for await (const some of inTurns(list, atOnce)) {
      for (const entry of some) {
        if (!skips.isDue(entry)) continue;
        if (list === makeFolder) touch(entry.path);
        touch(parentOf(entry.path));
      }
    }
  }
  for await (const some of inTurns(touched, atOnce)) {
    for (const number of some) {
      const entry = entries.at(number);
      const known = entry?.held ?? entry?.seen;
      if (entry?.kind === "folder" && known) manifest.set({ ...entry, held: { ...known, mtime: unsettled } });
    }
  }
  await manifest.flush();
  return touched;
}

/** Set the folders' times last: every write into a folder changes them. */
async function settleFolders(
  { cache: { files, manifest }, skips }: PassWork,
  touched: NumberSet,
): Promise<void> {
  for await (const some of inTurns(touched, fewAtOnce)) {
    for (const number of some) {
      const entry = manifest.entries.at(number);
      const { seen, path = "" } = entry ?? {};
      if (entry?.kind !== "folder" || !seen || skips.has(path) || skips.hasAbove(path)) continue;
      const reason = await reasonNotStored(() => files.setStamp(path, { ...seen, mode: seen.mode | 0o700 }));
      if (reason) skips.note(entry, reason);
      else manifest.set({ ...entry, held: seen });
    }
  }
}
