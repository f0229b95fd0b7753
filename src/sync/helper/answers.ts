import { setImmediate as nextTurn } from "node:timers/promises";
import { promisify } from "node:util";
import { inflate } from "node:zlib";
import { Failure } from "../../common/failure.js";
import { type HelperFrame } from "./helperFrames.js";
import { NotReadable } from "../remote/notReadable.js";
import { createListingReader, mostRecords, TooManyRecords, unreadableBy } from "../remote/listing.js";
import type { SyncFailure } from "../failures.js";
import { isStampText, stampOf } from "../remote/stamp.js";
import type {
  Digest,
  ListingChange,
  ProcessState,
  ReadEvent,
  ScanResult,
  Stamp,
} from "../remote/remoteFiles.js";

const inflateBytes = promisify(inflate);
/** Bytes that a deflated frame may become: the helper packs a quarter of a MiB at a time. */
const longestData = 1 << 20;
/** Milliseconds of reading a listing. */
const longestTurn = 20;

/** What a frame of facts says; nothing for any other. Two for each file of a large copy: checked by hand, not by schema. */
export interface Facts {
  readonly end?: boolean;
  readonly error?: string;
  readonly reason?: string;
  readonly full?: boolean;
  readonly now?: number;
  /** Of the root. */
  readonly device?: string;
  readonly inode?: string;
  readonly i?: number;
  readonly start?: number;
  readonly age?: number;
  readonly stamp?: Stamp;
  readonly done?: boolean;
  readonly digest?: string;
  readonly process?: string;
}

const kinds: Readonly<Record<Exclude<keyof Facts, "stamp">, "boolean" | "string" | "number">> = {
  end: "boolean",
  error: "string",
  reason: "string",
  full: "boolean",
  now: "number",
  device: "string",
  inode: "string",
  i: "number",
  start: "number",
  age: "number",
  done: "boolean",
  digest: "string",
  process: "string",
};

/** @throws NotReadable when it is not JSON of the kind agreed on. */
export function factsIn({ kind, payload }: HelperFrame): Facts {
  if (kind !== "J") return {};
  const said = parsed(payload);
  const facts: Record<string, unknown> = {};
  for (const [name, wanted] of Object.entries(kinds)) {
    const value = said[name];
    if (value === undefined || value === null) continue;
    const isCount = wanted !== "number" || name === "now" || name === "age" || isWhole(value);
    if (typeof value !== wanted || !isCount) throw new NotReadable();
    facts[name] = value;
  }
  if (said["stamp"]) facts["stamp"] = stampIn(said["stamp"]);
  return facts;
}

function parsed(payload: Buffer): Record<string, unknown> {
  try {
    return Object(JSON.parse(payload.toString())) as Record<string, unknown>;
  } catch {
    throw new NotReadable();
  }
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function stampIn(said: unknown): Stamp {
  const { size, mtime, ctime, inode, mode } = Object(said) as Record<string, unknown>;
  const isText = (value: unknown): value is string => typeof value === "string";
  if (!isWhole(size) || !isText(mtime) || !isText(ctime) || !isText(inode) || !isWhole(mode)) {
    throw new NotReadable();
  }
  if (!isStampText({ mtime, ctime, inode })) throw new NotReadable();
  return stampOf({ size, mtime, ctime, inode, mode });
}

export type Take = (frame: HelperFrame, said: Facts) => Promise<void> | void;

/** Puts the answer to a scan together. */
export function scanAnswer(
  root: string,
  host: string,
  onChanges: (changes: readonly ListingChange[]) => void,
): { readonly take: Take; readonly result: () => ScanResult } {
  const listing = createListingReader(onChanges);
  let scan: ScanResult = { full: true, now: 0 };
  let failure: Failure | undefined;
  let turnedAt = performance.now();
  /** Much may have come at once: others have their turn in between. */
  const giveTurn = async (): Promise<void> => {
    if (performance.now() - turnedAt < longestTurn) return;
    await nextTurn();
    turnedAt = performance.now();
  };
  const feed = (payload: Buffer): void => {
    try {
      listing.feed(payload);
    } catch (error) {
      if (!(error instanceof TooManyRecords)) throw error;
      throw new Failure<SyncFailure>({ code: "sync-root-too-large", root, host, limit: mostRecords });
    }
  };
  return {
    take: async ({ kind, payload }, { error, reason, full, now, device, inode }) => {
      if (kind === "N") {
        await giveTurn();
        feed(payload);
      }
      if (now !== undefined) {
        const isNamed = device !== undefined && inode !== undefined;
        scan = { full: full ?? true, now, rootIdentity: isNamed ? { device, inode } : undefined };
      }
      if (error !== undefined) failure = rootFailure(error, root, host, reason ?? "");
    },
    result: () => {
      if (failure) throw failure;
      return scan;
    },
  };
}

/** Hands over the files of a read as they come. */
export function readAnswer(onEvent: (event: ReadEvent) => Promise<void> | void): Take {
  let index = 0;
  return async ({ kind, payload }, said) => {
    index = said.i ?? index;
    if (kind === "D") await onEvent({ kind: "data", index, bytes: payload });
    else if (kind === "Z") {
      const bytes = await inflateBytes(payload, { maxOutputLength: longestData }).catch(() => {
        throw new NotReadable();
      });
      await onEvent({ kind: "data", index, bytes });
    } else if (said.i !== undefined) await onEvent(readEvent(said, index));
  };
}

function readEvent({ error, start, stamp, age, done, digest }: Facts, index: number): ReadEvent {
  if (done) return { kind: "done", index, digest };
  if (start !== undefined && stamp) return { kind: "begin", index, start, stamp, age: age ?? 0 };
  const why = error === "missing" || error === "changing" ? error : unreadableBy(error);
  return { kind: "failed", index, why };
}

/** Collects the digests of `count` files. */
export function digestsAnswer(count: number): {
  readonly take: Take;
  readonly found: Digest[];
} {
  const found = Array.from<Digest>({ length: count }).fill("missing");
  return {
    take: (_frame, { i, digest, stamp, error }) => {
      if (i === undefined || i >= count) return;
      if (digest && stamp) found[i] = { digest, stamp };
      else if (error !== undefined && error !== "missing") found[i] = unreadableBy(error);
    },
    found,
  };
}

/** Collects the states of `count` processes. */
export function processesAnswer(count: number): {
  readonly take: Take;
  readonly found: (ProcessState | undefined)[];
} {
  const found = Array.from<ProcessState | undefined>({ length: count });
  return {
    take: (_frame, { i, process }) => {
      const isState = process === "alive" || process === "gone" || process === "elsewhere";
      if (i !== undefined && i < count && isState) found[i] = process;
    },
    found,
  };
}

/** The failure for a root that cannot be listed, by the host's own word for it. */
function rootFailure(error: string, root: string, host: string, reason: string): Failure<SyncFailure> {
  if (error === "missing") return new Failure<SyncFailure>({ code: "sync-root-missing", root, host });
  if (error === "not-folder") return new Failure<SyncFailure>({ code: "sync-root-not-folder", root, host });
  if (error === "system-folder") return new Failure<SyncFailure>({ code: "sync-root-is-system", root, host });
  return new Failure<SyncFailure>({ code: "sync-root-not-accessible", root, host, reason });
}
