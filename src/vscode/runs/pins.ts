import type { Run } from "../../sync/runIndex/runs.js";

/** The pinned runs of a workspace. */
export interface Pins {
  has(run: Pick<Run, "syncId" | "id">): boolean;
  set(runs: readonly Pick<Run, "syncId" | "id">[], isPinned: boolean): void;
}

/** The workspace storage. */
interface Kept {
  get(name: string): unknown;
  update(name: string, value: unknown): PromiseLike<void>;
}

const keptName = "runs.pins";
/** Maximum number of pins; the last ones are kept. */
const mostPins = 500;

/** @param kept storage of the workspace. @param onDidChange called when pins change. */
export function createPins(kept: Kept, onDidChange: () => void): Pins {
  let pinned = new Set(readPins(kept.get(keptName)));
  return {
    has: (run) => pinned.has(nameOf(run)),
    set: (runs, isPinned) => {
      const names = runs.map(nameOf);
      const others = [...pinned].filter((name) => !names.includes(name));
      pinned = new Set((isPinned ? [...others, ...names] : others).slice(-mostPins));
      void kept.update(keptName, [...pinned]);
      onDidChange();
    },
  };
}

function readPins(kept: unknown): readonly string[] {
  return Array.isArray(kept) ? kept.filter((name) => typeof name === "string").slice(-mostPins) : [];
}

function nameOf({ syncId, id }: Pick<Run, "syncId" | "id">): string {
  return `${syncId}/${id}`;
}
