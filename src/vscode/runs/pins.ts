import { isMeant, type KeptRun, presentAmong } from "../../runs/meantRuns.js";
import type { Run } from "../../sync/runIndex/runs.js";

type PinnedRun = Pick<Run, "syncId" | "id" | "folder">;

/** The pinned runs of a workspace. */
export interface Pins {
  /** @param all the runs of one root. @returns whether one of them is pinned. */
  among(all: readonly PinnedRun[]): (run: PinnedRun) => boolean;
  /** @param all the runs of the roots of `runs`. */
  set(runs: readonly PinnedRun[], isPinned: boolean, all: readonly PinnedRun[]): void;
}

/** The workspace storage. */
interface Kept {
  get(name: string): unknown;
  update(name: string, value: unknown): PromiseLike<void>;
}

/** A pin as it is kept. */
interface Pin extends KeptRun {
  readonly syncId: string;
}

const keptName = "runs.pins";
/** Maximum number of pins; the last ones are kept. */
const mostPins = 500;

/** @param kept storage of the workspace. @param onDidChange called when pins change. */
export function createPins(kept: Kept, onDidChange: () => void): Pins {
  let pins = readPins(kept.get(keptName));
  const among = (all: readonly PinnedRun[]): ((run: PinnedRun) => boolean) => {
    const pinned = meaning(pins, all);
    return (run) => pinned(run).length > 0;
  };
  return {
    among,
    set: (runs, isPinned, all) => {
      const pinned = meaning(pins, all);
      const replaced = new Set(runs.flatMap(pinned));
      const chosen = new Set(runs.map(keyOf));
      // A pin of an earlier version may be of a run and its copies, which stay pinned.
      const copies = all.filter(
        (run) => !chosen.has(keyOf(run)) && pinned(run).some((pin) => replaced.has(pin)),
      );
      const others = pins.filter((pin) => !replaced.has(pin));
      pins = [...others, ...[...copies, ...(isPinned ? runs : [])].map(pinOf)].slice(-mostPins);
      void kept.update(keptName, pins);
      onDidChange();
    },
  };
}

/** Finds the pins that mean a run. */
function meaning(pins: readonly Pin[], all: readonly PinnedRun[]): (run: PinnedRun) => readonly Pin[] {
  const byRun = new Map<string, Pin[]>();
  for (const pin of pins) {
    const key = idKey(pin);
    byRun.set(key, [...(byRun.get(key) ?? []), pin]);
  }
  const theirs = new Map<string, PinnedRun[]>();
  for (const run of all) {
    const key = idKey(run);
    if (byRun.has(key)) theirs.set(key, [...(theirs.get(key) ?? []), run]);
  }
  return (run) => {
    const key = idKey(run);
    const isPresent = presentAmong(theirs.get(key) ?? []);
    return (byRun.get(key) ?? []).filter((pin) => isMeant(run, pin, isPresent));
  };
}

/** Those of earlier versions are texts, without a folder. */
function readPins(kept: unknown): readonly Pin[] {
  const read = (one: unknown): Pin[] => {
    if (typeof one === "string") {
      const [, syncId, id] = /^(.*)\/([^/]*)$/s.exec(one) ?? [];
      return syncId === undefined || id === undefined ? [] : [{ syncId, id }];
    }
    return isPin(one) ? [pinOf(one)] : [];
  };
  return Array.isArray(kept) ? kept.flatMap(read).slice(-mostPins) : [];
}

function isPin(one: unknown): one is PinnedRun {
  if (typeof one !== "object" || one === null) return false;
  const { syncId, id, folder } = one as Readonly<Record<string, unknown>>;
  return [syncId, id, folder].every((part) => typeof part === "string");
}

function pinOf({ syncId, id, folder }: PinnedRun): Pin {
  return { syncId, id, folder };
}

function idKey({ syncId, id }: Pin): string {
  return JSON.stringify([syncId, id]);
}

function keyOf({ syncId, id, folder }: PinnedRun): string {
  return JSON.stringify([syncId, id, folder]);
}
