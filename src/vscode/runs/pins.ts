import type { Run } from "../../sync/runIndex/runs.js";

/** The runs that a person wants on top, in one workspace. */
export interface Pins {
  has(run: Pick<Run, "syncId" | "id">): boolean;
  set(runs: readonly Pick<Run, "syncId" | "id">[], isPinned: boolean): void;
}

/** What a workspace keeps for us. */
interface Kept {
  get(name: string): unknown;
  update(name: string, value: unknown): PromiseLike<void>;
}

const keptName = "runs.pins";
/** Of more, the last. */
const mostPins = 500;

/** @param kept of the workspace: pins are there again when its window is. @param onDidChange hears that others are pinned. */
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
