import type { Run } from "../../sync/runIndex/runs.js";
import { folderKey, type IsPresent, presentAmong } from "../meantRuns.js";
import { isCovered, joinWishes, type Rule, type Wishes } from "./rules.js";

/** Facts about a run's values, for rules. */
export interface ValueFacts {
  readonly firstNotFinite: NotFinite | undefined;
  /** The first value that reached a threshold, by the threshold's text. */
  readonly reached: ReadonlyMap<string, { readonly step: number; readonly value: number }>;
  /** Seconds since the epoch by the host's clock; undefined before the first value. */
  readonly lastAt: number | undefined;
  /** 90th percentile of the recent intervals between values, in seconds; undefined if there are too few. */
  readonly usualInterval: number | undefined;
}

export interface NotFinite {
  readonly metric: string;
  readonly step: number;
  readonly value: "NaN" | "Infinity" | "-Infinity";
}

/** The state of a run at one moment. */
export interface RunFacts extends Pick<Run, "id" | "folder" | "path" | "createdAt" | "status" | "sign"> {
  /** Undefined if its values are not here. */
  readonly values: ValueFacts | undefined;
}

/**
 * An event that the user wants to be notified of.
 * @prop folder of the run, relative to the root; undefined in what earlier versions kept.
 */
export type News = { readonly runId: string; readonly folder?: string | undefined } & (
  | { readonly kind: "finished" | "interrupted" | "failed" | "crashed" }
  | ({ readonly kind: "not-finite" } & NotFinite)
  /** @prop seconds since the last value. */
  | { readonly kind: "stalled"; readonly seconds: number }
  | {
      readonly kind: "threshold";
      readonly threshold: string;
      readonly value: number;
      readonly step: number;
    }
);

/** What was seen of a run, and notified. */
export interface Known {
  readonly createdAt?: number | undefined;
  /** Whether it was running at the last check, or its end is not certain yet. */
  readonly isAlive: boolean;
  /** How many checks in a row found its process gone, and the time of the last one: seconds by the host's clock. */
  readonly gone: number;
  readonly goneAt: number;
  /** Whether it kept writing after its process was gone: the check does not work for this run. */
  readonly isElsewhere: boolean;
  /** Whether its current values are older than the rules, and no news. */
  readonly isUnread: boolean;
  readonly wasNotFinite: boolean;
  /** Thresholds that it reached. */
  readonly reached: readonly string[];
  /** Time of the last value before it stalled. */
  readonly stalledAt?: number | undefined;
}

export type KnownRuns = Readonly<Record<string, Known>>;

export interface Judgement {
  readonly news: readonly News[];
  /** The same object if nothing changed. */
  readonly known: KnownRuns;
}

/** Minimum seconds without a value before a run counts as stalled, however often it logs. */
const shortestStall = 60;
/** How many checks must find a process gone: a run in a container may still write, and a final status may be on its way. */
const goneLooks = 2;

/** Maximum number of runs remembered for each root. */
const mostKnown = 5_000;

/**
 * Finds what is news according to the rules. Runs that ended before a rule was made are no news, nor are values from
 * before. Of runs that were running before, at most `most` are followed.
 * @param hostTime time of the check: seconds since the epoch by the host's clock.
 * @param isPresent whether a run of a rule is where it was, among all runs of the root.
 */
export function judge(
  rules: readonly Rule[],
  before: KnownRuns,
  runs: readonly RunFacts[],
  hostTime: number,
  isPresent: IsPresent = presentAmong(runs),
  most = mostKnown,
): Judgement {
  const news: News[] = [];
  const changed = new Map<string, Known>();
  const several = idsOfSeveral(runs);
  let free = most - Object.keys(before).length;
  for (const run of runs) {
    const theirs = rules.filter(({ scope }) => isCovered(run, scope, isPresent));
    if (theirs.length === 0) continue;
    const present = knownOf(before, run);
    const was = present ?? firstSeen(run, theirs, hostTime);
    if (!was || (!present && was.isUnread && free <= 0)) continue;
    if (!present) free -= 1;
    const { known, told } = judgeRun(joinWishes(theirs), was, run, hostTime);
    news.push(...told);
    if (known === present) continue;
    const own = folderKey(run);
    changed.set(several.has(run.id) || Object.hasOwn(before, own) ? own : run.id, known);
  }
  if (changed.size === 0) return { news, known: before };
  return { news, known: { ...before, ...Object.fromEntries(changed) } };
}

/** Ids of more than one run, from folders that somebody copied. Each of these runs is watched separately. */
function idsOfSeveral(runs: readonly RunFacts[]): ReadonlySet<string> {
  const [once, several] = [new Set<string>(), new Set<string>()];
  for (const { id } of runs) (once.has(id) ? several : once).add(id);
  return several;
}

/** What was seen of a run, by id and folder, or else by id alone. */
export function knownOf(known: KnownRuns, run: Pick<Run, "id" | "folder">): Known | undefined {
  const key = [folderKey(run), run.id].find((one) => Object.hasOwn(known, one));
  return key === undefined ? undefined : known[key];
}

/** Maximum clock skew in seconds between machines that share files. */
const clocksApart = 24 * 3_600;

/** When a run began; undefined if that is in the future. */
export function begunAt({ createdAt }: Pick<Run, "createdAt">, hostTime: number): number | undefined {
  return createdAt !== undefined && createdAt <= hostTime + clocksApart ? createdAt : undefined;
}

/** Undefined for a run that had ended before the rules were made. */
function firstSeen(run: RunFacts, rules: readonly Rule[], hostTime: number): Known | undefined {
  const { status } = run;
  const createdAt = begunAt(run, hostTime);
  const isNew = createdAt !== undefined && rules.some(({ since }) => createdAt > since);
  if (!isNew && status !== "running") return undefined;
  return {
    createdAt,
    isAlive: true,
    gone: 0,
    goneAt: 0,
    isElsewhere: false,
    isUnread: !isNew,
    wasNotFinite: false,
    reached: [],
    stalledAt: undefined,
  };
}

function judgeRun(
  wishes: Wishes,
  before: Known,
  run: RunFacts,
  hostTime: number,
): { readonly known: Known; readonly told: readonly News[] } {
  const told: News[] = [];
  let known = judgeValues(wishes, before, run, hostTime, told);
  const ended = endOf(run);
  if (run.status === "running") {
    if (!known.isAlive || known.gone > 0) {
      const isElsewhere = known.isElsewhere || known.gone > 0;
      known = { ...known, isAlive: true, gone: 0, isElsewhere };
    }
  } else if (ended === "crashed" && known.isAlive && !known.isElsewhere) {
    if (known.gone === 0 || hostTime > known.goneAt) {
      known = { ...known, gone: known.gone + 1, goneAt: hostTime };
    }
    if (known.gone >= goneLooks) {
      known = { ...known, isAlive: false };
      if (wishes.failed) told.push({ ...named(run), kind: ended });
    }
  } else if (ended !== undefined && ended !== "crashed" && known.isAlive) {
    known = { ...known, isAlive: false, gone: 0 };
    const isWished = ended === "finished" ? wishes.finished : wishes.failed;
    if (isWished) told.push({ ...named(run), kind: ended });
  }
  return { known, told };
}

function named({ id, folder }: RunFacts): Pick<News, "runId" | "folder"> {
  return { runId: id, folder };
}

/** How a run ended, according to its files and its host; undefined if it has not. */
function endOf({ status, sign }: RunFacts): "finished" | "failed" | "interrupted" | "crashed" | undefined {
  if (sign?.kind === "process-gone") return "crashed";
  return status === "finished" || status === "failed" || status === "interrupted" ? status : undefined;
}

function judgeValues(wishes: Wishes, known: Known, run: RunFacts, hostTime: number, told: News[]): Known {
  const { values, status, sign } = run;
  if (!values) return known;
  const { isUnread } = known;
  const tell = (news: News): void => {
    if (!isUnread) told.push(news);
  };
  let now: Known = isUnread ? { ...known, isUnread: false } : known;
  if (wishes.notFinite && values.firstNotFinite && !now.wasNotFinite) {
    now = { ...now, wasNotFinite: true };
    tell({ ...named(run), kind: "not-finite", ...values.firstNotFinite });
  }
  const fresh = wishes.thresholds.filter((text) => values.reached.has(text) && !now.reached.includes(text));
  for (const threshold of fresh) {
    const { value, step } = values.reached.get(threshold) ?? { value: Number.NaN, step: 0 };
    tell({ ...named(run), kind: "threshold", threshold, value, step });
  }
  if (fresh.length > 0) now = { ...now, reached: [...now.reached, ...fresh] };
  const { lastAt, usualInterval } = values;
  if (wishes.stalled === undefined || lastAt === undefined || usualInterval === undefined) return now;
  const seconds = hostTime - lastAt;
  const isStalled = seconds > Math.max(shortestStall, wishes.stalled * usualInterval);
  // A run whose process is gone does not stall.
  if (!isStalled || status !== "running" || sign?.kind === "process-gone" || now.stalledAt === lastAt)
    return now;
  tell({ ...named(run), kind: "stalled", seconds });
  return { ...now, stalledAt: lastAt };
}

/**
 * Marks current values as no news, after a rule was made or changed.
 * @param isCoveredBy whether the rule covers a run, given its id or `folderKey`.
 */
export function doNotTellOlder(known: KnownRuns, isCoveredBy: (key: string) => boolean): KnownRuns {
  return Object.fromEntries(
    Object.entries(known).map(([id, one]) => [id, isCoveredBy(id) ? { ...one, isUnread: true } : one]),
  );
}

/**
 * If there are too many runs, forgets the oldest that have ended, and running ones only if that is not enough. @returns
 * also the new time after which a run counts as new.
 */
export function forgetOldest(
  known: KnownRuns,
  most = mostKnown,
): { readonly known: KnownRuns; readonly since: number | undefined } {
  const all = Object.entries(known);
  if (all.length <= most) return { known, since: undefined };
  const byAge = all.sort(([, a], [, b]) => (a.createdAt ?? 0) - (b.createdAt ?? 0));
  // Forget half, so that this is not needed each time.
  const ended = byAge.filter(([, { isAlive }]) => !isAlive).slice(0, all.length - Math.floor(most / 2));
  const alive = byAge
    .filter(([, { isAlive }]) => isAlive)
    .slice(0, Math.max(0, all.length - ended.length - most));
  const gone = [...ended, ...alive];
  const names = new Set(gone.map(([id]) => id));
  return {
    known: Object.fromEntries(Object.entries(known).filter(([id]) => !names.has(id))),
    since: Math.max(...gone.map(([, { createdAt = 0 }]) => createdAt)),
  };
}
