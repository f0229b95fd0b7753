import { existsSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { readFileIfPresent, updateSharedFile } from "../../common/files/sharedFile.js";
import type { KnownRuns, News } from "./judge.js";

const scope = z.union([
  z.object({ kind: z.literal("run"), id: z.string(), folder: z.string().optional() }),
  z.object({ kind: z.literal("group"), path: z.string() }),
  z.object({ kind: z.literal("root") }),
]);

const rule = z.object({
  scope,
  finished: z.boolean(),
  failed: z.boolean(),
  notFinite: z.boolean(),
  stalled: z.number().positive().optional(),
  thresholds: z.array(z.string()).readonly(),
  since: z.number(),
});

const known = z.object({
  createdAt: z.number().optional(),
  isAlive: z.boolean(),
  gone: z.number(),
  goneAt: z.number(),
  isElsewhere: z.boolean(),
  isUnread: z.boolean(),
  wasNotFinite: z.boolean(),
  reached: z.array(z.string()).readonly(),
  stalledAt: z.number().optional(),
});

/** JSON cannot represent these numbers. */
const number = z.union([z.number(), z.literal(["NaN", "Infinity", "-Infinity"]).transform(Number)]);

const named = z.object({ runId: z.string(), folder: z.string().optional() });

const notice = z.object({
  /** Sequence number in this file. */
  number: z.number(),
  /** The run's alias or id at that time. */
  label: z.string(),
  /** Milliseconds since the epoch, local clock. */
  at: z.number(),
  news: z.union([
    named.extend({ kind: z.literal(["finished", "interrupted", "failed", "crashed"]) }),
    named.extend({
      kind: z.literal("not-finite"),
      metric: z.string(),
      step: number,
      value: z.literal(["NaN", "Infinity", "-Infinity"]),
    }),
    named.extend({ kind: z.literal("stalled"), seconds: number }),
    named.extend({
      kind: z.literal("threshold"),
      threshold: z.string(),
      value: number,
      step: number,
    }),
  ]),
});

/** By run id, which may be any text: `z.record` would skip `__proto__`. */
const byRun = z
  .unknown()
  .transform((value) => (isPlainObject(value) ? Object.entries(value) : undefined))
  .pipe(z.array(z.tuple([z.string(), known])))
  .transform((entries): KnownRuns => Object.fromEntries(entries));

const content = z.object({
  rules: z.array(rule).readonly(),
  known: byRun,
  /** Notices that were not seen yet. */
  unseen: z.array(notice).readonly(),
  /** Number of the next notice. */
  next: z.number(),
});

/** The notices of one root, stored beside its copy. */
export type NoticeBook = z.infer<typeof content>;

/** A notice that the user was shown. */
export interface Notice {
  readonly number: number;
  readonly label: string;
  readonly at: number;
  readonly news: News;
}

export const noticeFileName = "notices.json";

const emptyBook: NoticeBook = { rules: [], known: {}, unseen: [], next: 1 };

/** @param folder of the copy. @returns an empty book if the file is missing or damaged. */
export async function readNotices(folder: string): Promise<NoticeBook> {
  const bytes = await readFileIfPresent(join(folder, noticeFileName)).catch(() => undefined);
  return parsed(bytes);
}

function parsed(bytes: Buffer | undefined): NoticeBook {
  try {
    return (bytes && content.safeParse(JSON.parse(bytes.toString("utf8"))).data) ?? emptyBook;
  } catch {
    return emptyBook;
  }
}

/**
 * Updates the file under a lock shared with other windows. Writes nothing if the copy was removed.
 * @param change gets the current book; if it returns the same object, nothing is written.
 * @returns the new book.
 */
export async function changeNotices(
  folder: string,
  change: (before: NoticeBook) => NoticeBook,
): Promise<NoticeBook> {
  let now = emptyBook;
  if (!existsSync(join(folder, "sync.json"))) return now;
  await updateSharedFile(join(folder, noticeFileName), (bytes) => {
    const before = parsed(bytes);
    now = change(before);
    return now === before ? undefined : Buffer.from(`${JSON.stringify(now, writable)}\n`);
  });
  return now;
}

function isPlainObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function writable(_name: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}
