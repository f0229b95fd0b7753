import { type BatchSize, createBatchSize } from "./batchSize.js";
import { inTurns } from "../../common/async/inTurns.js";
import { isSyncFailure } from "../failures.js";
import type { Cache } from "../cache/cache.js";
import type { PathLocks } from "../cache/pathLocks.js";
import type { ManifestEntry } from "../manifest/manifestEntry.js";
import type { PassWork, TransferProgress, TransferResult } from "./passOptions.js";
import type { ReadEvent } from "../remote/remoteFiles.js";
import { refuseWithoutRoom } from "./room.js";
import { type Outcome, receive, type Receiver } from "./receive.js";
import { reasonNotStored } from "./skips.js";

/** Bytes of one request: what is stored is noted after each, and a cancel waits for no more than that. */
const bytesAtOnce = 64 * 1024 * 1024;

/** Milliseconds between two reports of progress. */
const reportInterval = 100;

/** How often in a row a helper may end without having brought anything, before that is a failure. */
const fruitlessTries = 3;
/** How often a helper may end during one request. */
const mostTries = 20;

/**
 * Fetches files, many in one request. What somebody else fetches at the moment is left to them. Where the helper on the
 * host ends on the way, the next one goes on with what is missing. What cannot be had or stored is noted in the `skips`.
 * @param claim default: that of the cache.
 * @throws Failure, or Cancelled; what was stored until then is noted in the manifest.
 */
export async function transfer(
  entries: Iterable<ManifestEntry>,
  options: PassWork,
  claim: PathLocks["take"] = (path) => options.cache.pathLocks.take(path),
): Promise<TransferResult> {
  const progress = createProgress(await countAll(entries), options);
  const size = createBatchSize();
  for (const wanted of batchesOf(entries, size)) {
    const leave = new Map(wanted.map((entry) => [entry, claim(entry.path)]));
    try {
      await fetchBatch(
        wanted.filter((entry) => leave.get(entry)),
        options,
        { progress, size },
      );
    } finally {
      leave.forEach((release) => release?.());
    }
  }
  return progress.result();
}

async function fetchBatch(batch: readonly ManifestEntry[], options: PassWork, told: Told): Promise<void> {
  const { manifest } = options.cache;
  const { progress } = told;
  const finished = new Set<string>();
  let left = batch;
  for (let [tries, fruitless] = [1, 0]; left.length > 0; tries += 1) {
    const before = progress.transferredBytes;
    try {
      return await fetchOnce(left, options, told, (path) => finished.add(path));
    } catch (error) {
      fruitless = progress.transferredBytes > before ? 0 : fruitless + 1;
      const mayGoOn = isSyncFailure(error, "sync-helper-failed") && !options.signal.aborted;
      if (!mayGoOn || fruitless === fruitlessTries || tries === mostTries) throw error;
      left = batch
        .filter(({ path }) => !finished.has(path))
        .map((entry) => manifest.get(entry.path) ?? entry);
    }
  }
}

async function fetchOnce(
  batch: readonly ManifestEntry[],
  { cache, remote, root, signal, link }: PassWork,
  { progress, size }: Told,
  onFinished: (path: string) => void,
): Promise<void> {
  const finish = (entry: ManifestEntry, how: Outcome): void => {
    onFinished(entry.path);
    progress.finished(entry, how);
  };
  // Noted before anything is written, so that a file whose arrival could not be noted is not forgotten here.
  const placed: ManifestEntry[] = [];
  for (const entry of batch) {
    const reason = await reasonNotStored(() => cache.files.claim(entry.path));
    const known = cache.manifest.get(entry.path) ?? entry;
    if (reason) finish(entry, reason);
    else placed.push(entry);
    if (!reason && !known.held && !known.partial) cache.manifest.set({ ...known, partial: entry.seen });
  }
  await cache.manifest.flush();
  const incoming: { readonly entry: ManifestEntry; readonly receiver: Receiver }[] = [];
  for (const entry of placed) {
    const reason = await reasonNotStored(async () => {
      incoming.push({ entry, receiver: await receive(entry, cache.files, cache.manifest) });
    });
    if (reason) finish(entry, reason);
  }
  /** Files of which nothing more is taken. */
  const given = new Set<number>();
  const startedAt = performance.now();
  let answeredAt: number | undefined;
  const receivedBefore = remote.received;
  try {
    await remote.read(
      root,
      incoming.map(({ receiver }) => receiver.request),
      async (event) => {
        answeredAt ??= performance.now();
        const { entry, receiver } = incoming[event.index] ?? {};
        if (!entry || !receiver || given.has(event.index)) return;
        if (event.kind === "begin") await refuseOtherSize(event, entry, cache);
        let outcome: Outcome | undefined;
        outcome = (await reasonNotStored(async () => (outcome = await receiver.take(event)))) ?? outcome;
        // Bytes that belong to no file are no progress.
        if (event.kind === "data") progress.came(event.bytes.length);
        if (outcome === undefined) return;
        given.add(event.index);
        finish(entry, outcome);
      },
      { signal, compress: link.isSlow },
    );
  } finally {
    await Promise.all(incoming.map(({ receiver }) => receiver.abandon()));
    await cache.manifest.flush();
  }
  const took = performance.now() - startedAt;
  link.note(remote.received - receivedBefore, took);
  size.note((answeredAt ?? startedAt) - startedAt, took);
}

/** A file may have become another one since it was listed, whose size was not asked about yet. */
async function refuseOtherSize(
  { stamp, start }: Extract<ReadEvent, { kind: "begin" }>,
  entry: ManifestEntry,
  cache: Cache,
): Promise<void> {
  const comes = stamp.size - start;
  if (comes > expectedBytes(entry)) await refuseWithoutRoom(comes, cache);
}

/** What is told of what has come. */
interface Told {
  readonly progress: Progress;
  readonly size: BatchSize;
}

/** What has come so far; told now and then. */
interface Progress {
  readonly transferredBytes: number;
  came(bytes: number): void;
  finished(entry: ManifestEntry, how: Outcome): void;
  result(): TransferResult;
}

type Totals = Pick<TransferProgress, "totalFiles" | "totalBytes">;

/** Entries that are counted before others have their turn: few enough to be let go of while they are young. */
const countedAtOnce = 500;

async function countAll(entries: Iterable<ManifestEntry>): Promise<Totals> {
  let [totalFiles, totalBytes] = [0, 0];
  for await (const some of inTurns(entries, countedAtOnce)) {
    totalFiles += some.length;
    totalBytes = some.reduce((sum, entry) => sum + expectedBytes(entry), totalBytes);
  }
  return { totalFiles, totalBytes };
}

function createProgress(
  { totalFiles, totalBytes }: Totals,
  { onProgress, skips }: Pick<PassWork, "onProgress" | "skips">,
): Progress {
  let [doneFiles, changedFiles, transferredBytes, reportedAt] = [0, 0, 0, 0];
  const report = (): void => {
    if (Date.now() - reportedAt < reportInterval) return;
    reportedAt = Date.now();
    onProgress?.({ kind: "transferring", doneFiles, totalFiles, doneBytes: transferredBytes, totalBytes });
  };
  return {
    get transferredBytes() {
      return transferredBytes;
    },
    came: (bytes) => {
      transferredBytes += bytes;
      report();
    },
    finished: (entry, how) => {
      doneFiles += 1;
      if (how === "stored") changedFiles += 1;
      if (how === "stored" || how === "missing" || how === "later") skips.settle(entry.path);
      else skips.note(entry, how);
      report();
    },
    result: () => ({ changedFiles, transferredBytes }),
  };
}

/** Bytes that a file will take on the way, unless it turns out to be another one: what is not longer comes as a whole. */
export function expectedBytes({ seen, held }: ManifestEntry): number {
  const [size, here] = [seen?.size ?? 0, held?.size ?? 0];
  return size > here ? size - here : size;
}

function* batchesOf(entries: Iterable<ManifestEntry>, size: BatchSize): Iterable<readonly ManifestEntry[]> {
  let batch: ManifestEntry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    batch.push(entry);
    bytes += entry.seen?.size ?? 0;
    if (batch.length >= size.files || bytes >= bytesAtOnce) {
      yield batch;
      batch = [];
      bytes = 0;
    }
  }
  if (batch.length > 0) yield batch;
}
