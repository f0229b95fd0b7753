import ignore from "ignore";
import type { ManifestEntry } from "../manifest/manifestEntry.js";

/** The user's choices for a copy. Immutable: another choice is another object. */
export interface Choices {
  /** What is gone from the host stays here. */
  readonly keepGone: boolean;
  /** Whether it is neither fetched nor removed. */
  readonly isExcluded: (entry: Pick<ManifestEntry, "path" | "kind">) => boolean;
}

/** The same as it is kept. */
export interface KeptChoices {
  readonly keepGone: boolean;
  /** Patterns as in a .gitignore, relative to the root. */
  readonly exclude: readonly string[];
}

/** Entries after which the matcher begins anew: it remembers every path that it was asked about. */
const longestMemory = 10_000;

export const noChoices: Choices = choicesOf({ keepGone: false, exclude: [] });

export function choicesOf({ keepGone, exclude }: KeptChoices): Choices {
  const start = () => ignore({ ignorecase: false, allowRelativePaths: true }).add(exclude);
  let matcher = start();
  let asked = 0;
  return {
    keepGone,
    isExcluded: ({ path, kind }) => {
      if (exclude.length === 0) return false;
      asked += 1;
      if (asked % longestMemory === 0) matcher = start();
      return matcher.ignores(kind === "folder" ? `${path}/` : path);
    },
  };
}
