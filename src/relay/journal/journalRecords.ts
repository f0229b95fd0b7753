import * as z from "zod";

/*
 * The journal is lines of JSON: what happened to which command. A result is sealed (see seal.ts), since it may hold
 * anything that a command prints; credentials and commands are never written.
 */

export type JournalRecord =
  | { readonly kind: "head"; readonly version: 1; readonly salt: string }
  | { readonly kind: "queued"; readonly id: string }
  | { readonly kind: "begun"; readonly id: string }
  /** `result` is sealed, base64; missing where it was given up to keep the journal small. */
  | { readonly kind: "finished"; readonly id: string; readonly result?: string | undefined }
  | { readonly kind: "acknowledged"; readonly id: string };

const record: z.ZodType<JournalRecord> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("head"), version: z.literal(1), salt: z.string() }),
  z.object({ kind: z.literal("queued"), id: z.string() }),
  z.object({ kind: z.literal("begun"), id: z.string() }),
  z.object({ kind: z.literal("finished"), id: z.string(), result: z.string().optional() }),
  z.object({ kind: z.literal("acknowledged"), id: z.string() }),
]);

export function encodeRecord(value: JournalRecord): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}

/** Undefined for a line that a crash cut short, or that somebody damaged. */
export function decodeRecord(line: Uint8Array): JournalRecord | undefined {
  try {
    return record.safeParse(JSON.parse(Buffer.from(line).toString("utf8"))).data;
  } catch {
    return undefined;
  }
}

/** What the journal knows of a command. */
export interface Entry {
  readonly state: "queued" | "begun" | "finished" | "acknowledged";
  /** Where the line with its result stands, in bytes. */
  readonly place?: { readonly offset: number; readonly length: number } | undefined;
}

/** Moves the state of one command by one record that stands at `place`. Nothing makes it go backwards. */
export function reduceEntry(before: Entry | undefined, kind: Entry["state"], place?: Entry["place"]): Entry {
  switch (kind) {
    case "queued":
      return before ?? { state: "queued" };
    case "begun":
      return before && before.state !== "queued" ? before : { state: "begun" };
    case "finished":
      return before && hasEnded(before) ? before : { state: "finished", place };
    case "acknowledged":
      return { ...before, state: "acknowledged" };
  }
}

/** Whether there is an answer, kept or not. */
export function hasEnded({ state }: Entry): boolean {
  return state === "finished" || state === "acknowledged";
}

export interface JournalLimits {
  /** Commands that are remembered. */
  readonly commands: number;
  /** Bytes of results that are kept. */
  readonly bytes: number;
}

/**
 * What a smaller journal holds: the newest commands, and of their results the newest; in both, those that nobody has
 * received go before all others. In the order of the old one.
 */
export function shrink(
  entries: ReadonlyMap<string, Entry>,
  limits: JournalLimits,
): { readonly id: string; readonly entry: Entry }[] {
  const all = [...entries].map(([id, entry]) => ({ id, entry }));
  const isAcknowledged = ({ entry }: { entry: Entry }): boolean => entry.state === "acknowledged";
  const surplus = Math.max(0, all.length - limits.commands);
  const ended = [...all.filter(isAcknowledged), ...all.filter(({ entry }) => entry.state === "finished")];
  const forgotten = new Set(ended.slice(0, surplus));
  const kept = all.filter((one) => !forgotten.has(one));
  const byWorth = [
    ...kept.filter((one) => !isAcknowledged(one)).reverse(),
    ...kept.filter(isAcknowledged).reverse(),
  ];
  let room = limits.bytes;
  const withResult = new Set<string>();
  for (const { id, entry } of byWorth) {
    room -= entry.place?.length ?? 0;
    if (room >= 0) withResult.add(id);
  }
  return kept.map(({ id, entry }) =>
    withResult.has(id) ? { id, entry } : { id, entry: { state: entry.state } },
  );
}
