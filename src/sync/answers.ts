import { promisify } from "node:util";
import { inflate } from "node:zlib";
import { Failure } from "../common/failure.js";
import type { Frame } from "./frames.js";
import { createListingReader, nineDecimals } from "./listing.js";
import type { ListingChange, ReadEvent, ScanResult, Stamp, SyncFailure } from "./remoteFiles.js";

const inflateBytes = promisify(inflate);
/** Bytes that a deflated frame may become: the helper packs a quarter of a MiB at a time. */
const longestData = 1 << 20;

/** What a frame of facts says; nothing for any other. Two for each file of a large copy: checked by hand, not by schema. */
export interface Facts {
  readonly end?: boolean;
  readonly error?: string;
  readonly reason?: string;
  readonly full?: boolean;
  readonly now?: number;
  readonly i?: number;
  readonly start?: number;
  readonly age?: number;
  readonly stamp?: Stamp;
  readonly done?: boolean;
  readonly digest?: string;
}

const kinds: Readonly<Record<Exclude<keyof Facts, "stamp">, "boolean" | "string" | "number">> = {
  end: "boolean",
  error: "string",
  reason: "string",
  full: "boolean",
  now: "number",
  i: "number",
  start: "number",
  age: "number",
  done: "boolean",
  digest: "string",
};

/** @throws when it is not JSON of the kind agreed on. */
export function factsIn({ kind, payload }: Frame): Facts {
  if (kind !== "J") return {};
  const said = JSON.parse(payload.toString()) as Record<string, unknown>;
  const facts: Record<string, unknown> = {};
  for (const [name, wanted] of Object.entries(kinds)) {
    const value = said[name];
    if (value === undefined || value === null) continue;
    const isCount = wanted !== "number" || name === "now" || name === "age" || isWhole(value);
    if (typeof value !== wanted || !isCount) throw new Error(`the helper's answer is not readable: ${name}`);
    facts[name] = value;
  }
  if (said["stamp"]) facts["stamp"] = stampIn(said["stamp"]);
  return facts;
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

const time = /^-?\d+(\.\d+)?$/;

function stampIn(said: unknown): Stamp {
  const { size, mtime, ctime, inode, mode } = said as Record<string, unknown>;
  const isTime = (value: unknown): value is string => typeof value === "string" && time.test(value);
  if (!isWhole(size) || !isTime(mtime) || !isTime(ctime) || typeof inode !== "string" || !isWhole(mode)) {
    throw new Error("the helper's answer is not readable: stamp");
  }
  return { size, mtime: nineDecimals(mtime), ctime: nineDecimals(ctime), inode, mode: mode & 0o777 };
}

export type Take = (frame: Frame, said: Facts) => Promise<void> | void;

/** Puts the answer to a scan together. */
export function scanAnswer(
  root: string,
  host: string,
  onChanges: (changes: readonly ListingChange[]) => void,
): { readonly take: Take; readonly result: () => ScanResult } {
  const listing = createListingReader(onChanges);
  let scan: ScanResult = { full: true, now: 0 };
  let failure: Failure | undefined;
  return {
    take: ({ kind, payload }, { error, reason, full, now }) => {
      if (kind === "N") listing.feed(payload);
      if (now !== undefined) scan = { full: full ?? true, now };
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
      const bytes = await inflateBytes(payload, { maxOutputLength: longestData });
      await onEvent({ kind: "data", index, bytes });
    } else if (said.i !== undefined) await onEvent(readEvent(said, index));
  };
}

function readEvent({ error, start, stamp, age, done }: Facts, index: number): ReadEvent {
  if (done) return { kind: "done", index };
  if (start !== undefined && stamp) return { kind: "begin", index, start, stamp, age: age ?? 0 };
  const why = error === "missing" || error === "denied" || error === "changing" ? error : "unreadable";
  return { kind: "failed", index, why };
}

/** Collects the digests of `count` files. */
export function digestsAnswer(count: number): {
  readonly take: Take;
  readonly found: ({ readonly digest: string; readonly stamp: Stamp } | undefined)[];
} {
  const found = Array.from<{ digest: string; stamp: Stamp } | undefined>({ length: count });
  return {
    take: (_frame, { i, digest, stamp }) => {
      if (i !== undefined && i < count && digest && stamp) found[i] = { digest, stamp };
    },
    found,
  };
}

/** The failure for a root that cannot be listed, by the host's own word for it. */
function rootFailure(error: string, root: string, host: string, reason: string): Failure<SyncFailure> {
  if (error === "missing") return new Failure<SyncFailure>({ code: "sync-root-missing", root, host });
  if (error === "not-folder") return new Failure<SyncFailure>({ code: "sync-root-not-folder", root, host });
  return new Failure<SyncFailure>({ code: "sync-root-not-accessible", root, host, reason });
}
