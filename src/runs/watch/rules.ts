import type { Run } from "../../sync/runIndex/runs.js";
import { isMeant, type IsPresent, type KeptRun } from "../meantRuns.js";

/** The runs of one root that a rule covers. */
export type Scope =
  | ({ readonly kind: "run" } & KeptRun)
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

export function isCovered(
  run: Pick<Run, "id" | "folder" | "path">,
  scope: Scope,
  isPresent: IsPresent,
): boolean {
  switch (scope.kind) {
    case "run":
      return isMeant(run, scope, isPresent);
    case "group":
      return scope.path === run.path;
    case "root":
      return true;
  }
}

/** The rule for a scope; undefined if there is none. */
export function ruleFor(rules: readonly Rule[], scope: Scope, isPresent: IsPresent): Rule | undefined {
  return rules.find((rule) => isSameScope(rule.scope, scope, isPresent));
}

/**
 * Replaces the rule for a scope. @param wanted undefined: removes it. @param runs of the root: a rule of an earlier version
 * may be for a run and its copies, which keep it.
 */
export function replaceRule(
  rules: readonly Rule[],
  scope: Scope,
  wanted: Rule | undefined,
  {
    runs,
    isPresent,
  }: { readonly runs: readonly Pick<Run, "id" | "folder" | "path">[]; readonly isPresent: IsPresent },
): readonly Rule[] {
  const others = rules.flatMap((rule): readonly Rule[] => {
    if (!isSameScope(rule.scope, scope, isPresent)) return [rule];
    if (rule.scope.kind !== "run") return [];
    const copies = runs.filter(
      (run) => isCovered(run, rule.scope, isPresent) && !isCovered(run, scope, isPresent),
    );
    return copies.map(({ id, folder }) => ({ ...rule, scope: { kind: "run", id, folder } }));
  });
  return wanted ? [...others, wanted] : others;
}

function isSameScope(one: Scope, other: Scope, isPresent: IsPresent): boolean {
  if (one.kind === "run" && other.kind === "run") {
    const { id, folder } = other;
    return folder === undefined ? one.id === id : isMeant({ id, folder }, one, isPresent);
  }
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
