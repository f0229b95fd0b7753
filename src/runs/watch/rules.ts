import type { Run } from "../../sync/runIndex/runs.js";

/** The runs of one root that a rule covers. */
export type Scope =
  | { readonly kind: "run"; readonly id: string }
  /** All runs with this path, including later ones. */
  | { readonly kind: "group"; readonly path: string }
  | { readonly kind: "root" };

/** What the user wants to be notified of. */
export interface Wishes {
  readonly finished: boolean;
  /** Also if interrupted, or killed without a final status. */
  readonly failed: boolean;
  /** A value is NaN or infinite. */
  readonly notFinite: boolean;
  /** No new value for so many times the usual interval. */
  readonly stalled?: number | undefined;
  /** As `thresholdText` writes them. */
  readonly thresholds: readonly string[];
}

export interface Rule extends Wishes {
  readonly scope: Scope;
  /** Creation time of the newest run that existed when the rule was made: seconds since the epoch by the host's clock. */
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

/** Whether this needs the values of runs. */
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

/** Combines what several rules want. */
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
