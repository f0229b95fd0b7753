import { inTurns } from "../../common/async/inTurns.js";
import type { Manifest } from "../manifest/manifest.js";
import type { ManifestEntry } from "../manifest/manifestEntry.js";
import { isHere, isSameContent } from "../manifest/sameness.js";
import type { RootIdentity } from "../cache/rootIdentity.js";
import { NumberSet } from "../manifest/numberSet.js";
import { rootNumber } from "../manifest/pathTree.js";
import { TooManyRecords } from "../remote/listing.js";
import type {
  ListingChange,
  RemoteEntry,
  RemoteFiles,
  ScanOptions,
  Stamp,
  Unreadable,
} from "../remote/remoteFiles.js";

/** What a listing told beside what it noted in the manifest. */
export interface Scanned {
  /** The host's time, in seconds since the epoch. */
  readonly now: number;
  /** Folders that exist and could not be listed, or not all of them. */
  readonly hidden: ReadonlyMap<string, Unreadable>;
  readonly rootIdentity: RootIdentity | undefined;
}

/** Entries that are looked at before others have their turn: some ten milliseconds. */
const atOnce = 20_000;
/** Folders that are named among those which could not be listed; of any further ones nothing is removed either. */
const mostNamed = 10_000;

/**
 * Those that know what the helper on the host has told, and how often each had been read by then: what another program
 * wrote down since, the helper has told that one alone, and would never tell us that it is gone. It outlives a copy that is removed.
 */
const listedBefore = new WeakMap<Manifest, number>();

/** What a listing told, by the numbers of the entries. */
interface Told {
  readonly present: NumberSet;
  readonly gone: NumberSet;
  readonly whole: NumberSet;
  readonly hidden: NumberSet;
}

/** Lists the host's files and notes in the manifest how they are now, as they are told. */
export async function scanInto(
  manifest: Manifest,
  remote: RemoteFiles,
  root: string,
  options: ScanOptions,
): Promise<Scanned> {
  const { entries } = manifest;
  const told: Told = {
    present: new NumberSet(),
    gone: new NumberSet(),
    whole: new NumberSet(),
    hidden: new NumberSet(),
  };
  const named = new Map<string, Unreadable>();
  const add = (set: NumberSet, path: string): void => {
    // Of what was never told nothing can be gone.
    const number = entries.numberOf(path);
    if (number !== undefined) set.add(number);
  };
  const onChange = (change: ListingChange): void => {
    if (change.kind === "present") told.present.add(note(manifest, change.entry));
    else add(told[change.kind], change.path);
    if (change.kind === "hidden" && named.size < mostNamed) named.set(change.path, change.why);
  };
  const anew = listedBefore.get(manifest) !== manifest.reads;
  const { full, now, rootIdentity } = await remote.scan(
    root,
    (changes) => {
      changes.forEach(onChange);
      if (entries.isTooLarge) throw new TooManyRecords();
    },
    { ...options, anew },
  );
  listedBefore.set(manifest, manifest.reads);
  await forgetLost(manifest, told, full);
  return { now, hidden: named, rootIdentity };
}

/** What is in a folder goes with it; what is told anew is there. */
async function forgetLost(
  manifest: Manifest,
  { present, gone, whole, hidden }: Told,
  isFull: boolean,
): Promise<void> {
  const { entries } = manifest;
  const isFile = (number: number): boolean => entries.at(number)?.kind === "file" && !present.has(number);
  if (!isFull && whole.size === 0 && [...gone].every(isFile)) {
    for (const number of gone) forgetOne(manifest, number);
    return;
  }
  const isWithin = (number: number, isOne: (number: number) => boolean): boolean => {
    for (let one = number; one !== rootNumber; one = entries.parentOf(one)) if (isOne(one)) return true;
    return isOne(rootNumber);
  };
  const isLost = (number: number): boolean =>
    number !== rootNumber &&
    (gone.has(number) || (whole.has(entries.parentOf(number)) && !present.has(number)));
  const isHidden = (number: number): boolean => hidden.size > 0 && isWithin(number, (one) => hidden.has(one));
  const isGone = (number: number): boolean =>
    !present.has(number) && (isFull ? !isHidden(number) : isWithin(number, isLost));
  for await (const numbers of inTurns(entries.numbers(), atOnce)) {
    for (const number of numbers) if (isGone(number)) forgetOne(manifest, number);
  }
}

function forgetOne(manifest: Manifest, number: number): void {
  const entry = manifest.entries.at(number);
  if (entry && isHere(entry)) manifest.set({ ...entry, seen: undefined });
  else if (entry) manifest.remove(entry.path);
}

/** From the nearest on, without the root. */
export function foldersAbove(path: string): string[] {
  const above: string[] = [];
  for (let folder = parentOf(path); folder !== ""; folder = parentOf(folder)) above.push(folder);
  return above;
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** @returns the number of the entry. */
function note(manifest: Manifest, { path, kind, stamp }: RemoteEntry): number {
  const { entries } = manifest;
  const number = entries.numberOf(path);
  if (number !== undefined && entries.isSeenAs(number, { kind, stamp })) return number;
  const entry = number === undefined ? undefined : entries.at(number);
  // What is in the place of another thing makes way for it.
  const { local, localName } = entry ?? {};
  return manifest.set(
    entry && isSameThing(entry, kind, stamp)
      ? { ...entry, seen: stamp }
      : { path, kind, seen: stamp, local, localName },
  );
}

/** A file where a folder was, or the other way, is another thing, and so is one that was gone and comes back as another. */
function isSameThing(entry: ManifestEntry, kind: ManifestEntry["kind"], stamp: Stamp): boolean {
  const { seen, held } = entry;
  const isBackAsOther = kind === "file" && !seen && held && !isSameContent(held, stamp);
  return entry.kind === kind && !isBackAsOther;
}
