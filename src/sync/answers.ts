import { promisify } from "node:util";
import { inflate } from "node:zlib";
import * as z from "zod";
import { Failure } from "../common/failure.js";
import type { Frame } from "./frames.js";
import { createListingReader, nineDecimals } from "./listing.js";
import type { ListingChange, ReadEvent, ScanResult, Stamp, SyncFailure } from "./remoteFiles.js";

const inflateBytes = promisify(inflate);
/** Bytes that a deflated frame may become: the helper packs a quarter of a MiB at a time. */
const longestData = 1 << 20;

const time = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/)
  .transform(nineDecimals);

const facts = z.object({
  end: z.boolean().optional(),
  error: z.string().optional(),
  reason: z.string().nullish(),
  full: z.boolean().optional(),
  now: z.number().optional(),
  i: z.number().int().optional(),
  start: z.number().int().nonnegative().optional(),
  age: z.number().optional(),
  stamp: z
    .object({
      size: z.number().int().nonnegative(),
      mtime: time,
      ctime: time,
      inode: z.string(),
      mode: z
        .number()
        .int()
        .transform((mode) => mode & 0o777),
    })
    .optional(),
  done: z.boolean().optional(),
  digest: z.string().optional(),
});

/** What a frame of facts says; nothing for any other. */
export type Facts = z.infer<typeof facts>;

/** @throws when it is not JSON of the kind agreed on. */
export function factsIn({ kind, payload }: Frame): Facts {
  return kind === "J" ? facts.parse(JSON.parse(payload.toString())) : {};
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
