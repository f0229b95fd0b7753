import type { FileHandle } from "node:fs/promises";
import { type CacheFolder, writeFully } from "./cacheFolder.js";
import { onlyGrows } from "./layout.js";
import type { Manifest, ManifestEntry } from "./manifest.js";
import type { ReadEvent, ReadRequest, Stamp } from "./remoteFiles.js";

/** Bytes up to which a file is put together in memory and written in one go. */
const inMemory = 1024 * 1024;
/** Bytes of an addition that are kept in memory until the host says that they belong together. */
const additionInMemory = 4 * 1024 * 1024;
/** Bytes that one write to a staged file has at least. */
const writeSize = 1024 * 1024;
/** Seconds: what was changed within them may change again without a trace in its times. */
const settleTime = 2;

/** What the offset of a request goes on from. */
type Base = "nothing" | "present" | "staged";

/** A file on its way: what to ask the host for, and what to do with what comes. */
export interface Receiver {
  readonly request: ReadRequest;
  /** @returns what became of the file, when this was its last event. */
  take(event: ReadEvent): Promise<"stored" | "missing" | "skipped" | "later" | undefined>;
  /** Lets go of what is open; what was staged stays for the next time. */
  abandon(): Promise<void>;
}

/**
 * Prepares the transfer of one file: from the start, behind what is there (it grew), or behind what an interrupted
 * transfer left.
 */
export async function receive(
  entry: ManifestEntry,
  cache: CacheFolder,
  manifest: Manifest,
): Promise<Receiver> {
  const { path } = entry;
  const grows = onlyGrows(path);
  const { base, offset } = await startingPoint(entry, cache);
  const blocks = offset > 0 ? blocksOf(offset, grows) : [];
  const digest = offset > 0 ? await cache.digest(path, blocks, base === "staged") : "";
  let stamp: Stamp | undefined;
  let start = 0;
  let age = 0;
  let chunks: Buffer[] = [];
  let waiting = 0;
  let position = 0;
  let staged: FileHandle | undefined;
  // A beginning of a file that only grows is a state that it had: it need not be copied to be added to.
  let inPlace = false;
  // Emptied a moment ago: somebody is about to write it. What is here serves until that is done, or it stays empty.
  let isEmptied = false;

  const begin = async (event: Extract<ReadEvent, { kind: "begin" }>): Promise<void> => {
    await staged?.close();
    staged = undefined;
    ({ stamp, start, age } = event);
    isEmptied = stamp.size === 0 && age < settleTime;
    chunks = [];
    waiting = 0;
    position = start;
    const isBig = stamp.size - start > (start > 0 ? additionInMemory : inMemory);
    if (!isBig && !(start > 0 && base === "staged")) return;
    inPlace = start > 0 && base === "present" && grows;
    staged = inPlace
      ? await cache.openInPlace(path)
      : await cache.stage(path, start === 0 ? "nothing" : base);
    if (inPlace) return;
    manifest.set({ ...(manifest.get(path) ?? entry), partial: stamp });
    await manifest.flush();
  };

  const write = async (): Promise<void> => {
    if (!staged || waiting === 0) return;
    await writeFully(staged, Buffer.concat(chunks), position);
    position += waiting;
    chunks = [];
    waiting = 0;
  };

  const store = async (): Promise<void> => {
    if (!stamp) return;
    if (staged) {
      await write();
      await staged.truncate(stamp.size);
      await staged.close();
      staged = undefined;
      if (inPlace) cache.setStamp(path, stamp);
      else cache.putStaged(path, stamp);
    } else if (start > 0) await cache.putAppended(path, start, chunks, stamp);
    else cache.putWhole(path, chunks, stamp);
    chunks = [];
    const { seen, usedAt, kind } = manifest.get(path) ?? entry;
    // Put together from several readings: size and time do not prove that the parts belong to one state.
    const verified = start === 0 && (age > settleTime || age < -settleTime);
    manifest.set({ path, kind, seen: seen ?? stamp, held: stamp, verified, usedAt });
  };

  return {
    request: { path, offset, blocks, digest, grows },
    take: async (event) => {
      switch (event.kind) {
        case "begin":
          await begin(event);
          return undefined;
        case "data":
          chunks.push(event.bytes);
          waiting += event.bytes.length;
          if (staged && waiting >= writeSize) await write();
          return undefined;
        case "done":
          if (isEmptied) return "later";
          await store();
          return "stored";
        case "failed":
          await staged?.close();
          staged = undefined;
          return event.why === "missing" ? "missing" : "skipped";
      }
    },
    abandon: async () => {
      await write().catch(() => undefined);
      await staged?.close();
      staged = undefined;
    },
  };
}

async function startingPoint(
  { path, seen, held, partial }: ManifestEntry,
  cache: CacheFolder,
): Promise<{ readonly base: Base; readonly offset: number }> {
  if (seen && held && seen.inode === held.inode && seen.size > held.size && held.size > 0) {
    const present = (await cache.size(path)) ?? 0;
    if (present >= held.size && !(partial && partial.size > held.size)) {
      return { base: "present", offset: held.size };
    }
  }
  const left = partial && seen?.inode === partial.inode ? await cache.stagedSize(path) : 0;
  return left > 0 && left <= (seen?.size ?? 0)
    ? { base: "staged", offset: left }
    : { base: "nothing", offset: 0 };
}

/** Bytes of a file that is compared as a whole before more is put behind it. */
const comparedWhole = 1024 * 1024;
const comparedWholeWhenGrowing = 64 * 1024;

/** Parts whose agreement says that the first `offset` bytes are what they were: all of them, or samples. */
function blocksOf(offset: number, grows: boolean): [number, number][] {
  if (offset <= (grows ? comparedWholeWhenGrowing : comparedWhole)) return [[0, offset]];
  const sample = 4 * 1024;
  const last = comparedWholeWhenGrowing - 8 * sample;
  const inner = Array.from({ length: 7 }, (_, index): [number, number] => [
    Math.floor(((offset - last - sample) * index) / 7),
    sample,
  ]);
  return [...inner, [offset - last, last]];
}
