import type { Run } from "../../sync/runIndex/runs.js";

/** The runs of one root that a rule is about. */
export type Scope =
  | { readonly kind: "run"; readonly id: string }
  /** All runs with this path, also those that begin later. */
  | { readonly kind: "group"; readonly path: string }
  | { readonly kind: "root" };

/** What a person wants to hear. */
export interface Wishes {
  readonly finished: boolean;
  /** Also interrupted, and killed without a word. */
  readonly failed: boolean;
  /** A value is NaN or infinite. */
  readonly notFinite: boolean;
  /** No new value for so many times the usual interval between two. */
  readonly stalled?: number | undefined;
  /** As `thresholdText` writes them. */
  readonly thresholds: readonly string[];
}

export interface Rule extends Wishes {
  readonly scope: Scope;
  /** Seconds since the epoch by the host's clock: when the newest run was made that was there when the rule was. */
  readonly since: number;
}

export const noWishes: Wishes = {
  finished: false,
  failed: false,
  notFinite: false,
  thresholds: [],
};

export function isAnythingWished({ finished, failed, notFinite, stalled, thresholds }: Wishes): boolean {
  return finished || failed || notFinite || stalled !== undefined || thresholds.length > 0;
}

/** Whether the values of runs have to be read for it. */
export function needsValues({ notFinite, stalled, thresholds }: Wishes): boolean {
  return notFinite || stalled !== undefined || thresholds.length > 0;
}

export function isCovered({ id, path }: Pick<Run, "id" | "path">, scope: Scope): boolean {
  switch (scope.kind) {
    case "run":
      return scope.id === id;
    case "group":
      return scope.path === path;
    case "root":
      return true;
  }
}

export function isSameScope(one: Scope, other: Scope): boolean {
  if (one.kind === "run" && other.kind === "run") return one.id === other.id;
  if (one.kind === "group" && other.kind === "group") return one.path === other.path;
  return one.kind === other.kind;
}

/** All that several rules wish of a run. */
export function joinWishes(all: readonly Wishes[]): Wishes {
  const stalls = all.flatMap(({ stalled }) => (stalled === undefined ? [] : [stalled]));
  return {
    finished: all.some(({ finished }) => finished),
    failed: all.some(({ failed }) => failed),
    notFinite: all.some(({ notFinite }) => notFinite),
    stalled: stalls.length > 0 ? Math.min(...stalls) : undefined,
    thresholds: [...new Set(all.flatMap(({ thresholds }) => thresholds))],
  };
}
