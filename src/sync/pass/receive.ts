import { createHash } from "node:crypto";
import type { CacheFolder } from "../cache/cacheFolder.js";
import type { Manifest } from "../manifest/manifest.js";
import type { ManifestEntry } from "../manifest/manifestEntry.js";
import { NotReadable } from "../remote/notReadable.js";
import type { ReadEvent, ReadRequest } from "../remote/remoteFiles.js";
import type { SkipReason } from "./skips.js";
import { onlyGrows } from "../runIndex/layout.js";
import { type Arrival, type ArrivalOptions, openArrival } from "./arrival.js";

/** Seconds: what was changed within them may change again without a trace in its times. */
const settleTime = 2;

/** What the offset of a request goes on from. */
type Base = ArrivalOptions["base"];

/** The result for a file: received, gone, about to be written, or why it failed. */
export type Outcome = "stored" | "missing" | "later" | SkipReason;

/** A file on its way: what to ask the host for, and what to do with what comes. */
export interface Receiver {
  readonly request: ReadRequest;
  /** @returns what became of the file, when this was its last event. */
  take(event: ReadEvent): Promise<Outcome | undefined>;
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
  let present: Incoming | undefined;

  const begin = async (event: BeginEvent): Promise<void> => {
    await present?.arrival.abandon();
    const { stamp, start } = event;
    const arrival = await openArrival({ path, stamp, start, base, grows }, cache);
    present = incoming(event, arrival);
    if (!arrival.isStaged) return;
    manifest.set({ ...(manifest.get(path) ?? entry), partial: stamp });
    await manifest.flush();
  };

  const finish = async (wanted: string | undefined): Promise<Outcome> => {
    if (!present) throw new NotReadable();
    const { begun, arrival } = present;
    const { stamp, start, age } = begun;
    // Emptied a moment ago: somebody is about to write it. What is here serves until that is done, or it stays empty.
    if (stamp.size === 0 && age < settleTime) return "later";
    const isWhole = present.isWhole(wanted);
    present = undefined;
    if (!isWhole) {
      await arrival.discard();
      return "changing";
    }
    const local = await arrival.store();
    const known = manifest.get(path) ?? entry;
    // Put together from several readings: size and time do not prove that the parts belong to one state.
    const verified = start === 0 && (age > settleTime || age < -settleTime);
    manifest.set({ ...known, seen: known.seen ?? stamp, held: stamp, verified, partial: undefined, local });
    return "stored";
  };

  const abandon = async (): Promise<void> => {
    await present?.arrival.abandon();
    present = undefined;
  };

  return {
    request: { path, offset, blocks, digest, grows },
    take: async (event) => {
      switch (event.kind) {
        case "begin":
          await begin(event);
          return undefined;
        case "data":
          if (!present) throw new NotReadable();
          await present.add(event.bytes);
          return undefined;
        case "done":
          return finish(event.digest);
        case "failed":
          await abandon();
          return event.why;
      }
    },
    abandon,
  };
}

type BeginEvent = Extract<ReadEvent, { kind: "begin" }>;

/** What has come since the host began to send a file. */
interface Incoming {
  readonly begun: BeginEvent;
  readonly arrival: Arrival;
  /** @throws NotReadable when more comes than was announced. */
  add(bytes: Buffer): Promise<void>;
  /** Whether as much came as was announced, and the same as was sent. */
  isWhole(digest: string | undefined): boolean;
}

function incoming(begun: BeginEvent, arrival: Arrival): Incoming {
  const hash = createHash("sha256");
  let left = begun.stamp.size - begun.start;
  return {
    begun,
    arrival,
    add: async (bytes) => {
      left -= bytes.length;
      if (left < 0) throw new NotReadable();
      hash.update(bytes);
      await arrival.add(bytes);
    },
    isWhole: (digest) => left === 0 && (digest === undefined || digest === hash.digest("hex")),
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
  const left = partial && seen?.inode === partial.inode ? await cache.takeStaged(path) : 0;
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
