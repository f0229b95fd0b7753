import type { Claims } from "./claims.js";
import type { ManifestEntry } from "./manifest.js";
import type { PassOptions, PassResult } from "./passOptions.js";
import { receive, type Receiver } from "./receive.js";

/** Files and bytes of one request: what is stored is noted after each, and a cancel waits for no more than that. */
const filesAtOnce = 1_000;
const bytesAtOnce = 64 * 1024 * 1024;

/** Milliseconds between two reports of progress. */
const reportInterval = 100;

/**
 * Fetches files, many in one request. What somebody else fetches at the moment is left to them.
 * @param claim default: that of the cache.
 * @throws Failure, or Cancelled; what was stored until then is noted in the manifest.
 */
export async function transfer(
  entries: readonly ManifestEntry[],
  options: PassOptions,
  claim: Claims["take"] = (path) => options.cache.claims.take(path),
): Promise<PassResult> {
  const { cache, onProgress } = options;
  const totalBytes = entries.reduce((sum, entry) => sum + expectedBytes(entry), 0);
  const skipped: string[] = [];
  let doneFiles = 0;
  let doneBytes = 0;
  let transferredBytes = 0;
  let changedFiles = 0;
  let reportedAt = 0;
  const report = (): void => {
    if (Date.now() - reportedAt < reportInterval) return;
    reportedAt = Date.now();
    onProgress?.({ kind: "transferring", doneFiles, totalFiles: entries.length, doneBytes, totalBytes });
  };

  const fetchBatch = async (wanted: readonly ManifestEntry[]): Promise<void> => {
    const leave = new Map(wanted.map((entry) => [entry, claim(entry.path)]));
    const batch = wanted.filter((entry) => leave.get(entry));
    try {
      await fetchClaimed(batch);
    } finally {
      leave.forEach((release) => release?.());
    }
  };

  const fetchClaimed = async (batch: readonly ManifestEntry[]): Promise<void> => {
    const { remote, root, signal, link } = options;
    // Noted before anything is written, so that a file whose arrival could not be noted is not forgotten here.
    for (const entry of batch) {
      if (!entry.held && !entry.partial) cache.manifest.set({ ...entry, partial: entry.seen });
    }
    await cache.manifest.flush();
    const receivers: Receiver[] = [];
    for (const entry of batch) receivers.push(await receive(entry, cache.files, cache.manifest));
    const startedAt = Date.now();
    const receivedBefore = remote.received;
    try {
      await remote.read(
        root,
        receivers.map(({ request }) => request),
        async (event) => {
          const entry = batch[event.index];
          const result = await receivers[event.index]?.take(event);
          if (event.kind === "data") {
            doneBytes += event.bytes.length;
            transferredBytes += event.bytes.length;
          }
          if (result && entry) {
            doneFiles += 1;
            if (result === "stored") changedFiles += 1;
            if (result === "skipped") skipped.push(entry.path);
          }
          report();
        },
        { signal, compress: link.isSlow },
      );
    } finally {
      await Promise.all(receivers.map((receiver) => receiver.abandon()));
      await cache.manifest.flush();
    }
    link.note(remote.received - receivedBefore, Date.now() - startedAt);
  };

  for (const batch of batchesOf(entries)) await fetchBatch(batch);
  return { changedFiles, transferredBytes, skipped };
}

/** Bytes that a file will take on the way, unless it turns out to be another one. */
export function expectedBytes({ seen, held }: ManifestEntry): number {
  return Math.max(0, (seen?.size ?? 0) - (held?.size ?? 0));
}

function* batchesOf(entries: readonly ManifestEntry[]): Iterable<readonly ManifestEntry[]> {
  let batch: ManifestEntry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    batch.push(entry);
    bytes += entry.seen?.size ?? 0;
    if (batch.length >= filesAtOnce || bytes >= bytesAtOnce) {
      yield batch;
      batch = [];
      bytes = 0;
    }
  }
  if (batch.length > 0) yield batch;
}
