import type { Run } from "../../sync/runIndex/runs.js";
import { isCovered, joinWishes, type Rule, type Wishes } from "./rules.js";

/** What a run's values tell that somebody may wait for. */
export interface ValueFacts {
  readonly firstNotFinite: NotFinite | undefined;
  /** The first value that reached a threshold, by the threshold's text. */
  readonly reached: ReadonlyMap<string, { readonly step: number; readonly value: number }>;
  /** Seconds since the epoch by the host's clock; undefined before the first value. */
  readonly lastAt: number | undefined;
  /** Seconds from one value to the next, as nine of ten of the last ones stay below; undefined with too few values. */
  readonly usualInterval: number | undefined;
}

export interface NotFinite {
  readonly metric: string;
  readonly step: number;
  readonly value: "NaN" | "Infinity" | "-Infinity";
}

/** How a run is at one moment. */
export interface RunFacts extends Pick<Run, "id" | "folder" | "path" | "createdAt" | "status" | "sign"> {
  /** Undefined where its values are not here. */
  readonly values: ValueFacts | undefined;
}

/** Something that a person wished to hear of a run. */
export type News = { readonly runId: string } & (
  | { readonly kind: "finished" | "interrupted" | "failed" | "crashed" }
  | ({ readonly kind: "not-finite" } & NotFinite)
  /** @prop seconds without a value. */
  | { readonly kind: "stalled"; readonly seconds: number }
  | {
      readonly kind: "threshold";
      readonly threshold: string;
      readonly value: number;
      readonly step: number;
    }
);

/** What was seen of a run, and told. */
export interface Known {
  readonly createdAt?: number | undefined;
  /** It ran when it was last looked at, or nobody has yet been able to say that it does not. */
  readonly isAlive: boolean;
  /** How often in a row its process was found gone, and when last: seconds by the host's clock. */
  readonly gone: number;
  readonly goneAt: number;
  /** It wrote on after its process was found gone: that says nothing of it. */
  readonly isElsewhere: boolean;
  /** Its values until now were there before the rules, and are not told. */
  readonly isUnread: boolean;
  readonly wasNotFinite: boolean;
  /** Thresholds that it has reached. */
  readonly reached: readonly string[];
  /** The time of the value after which it stalled. */
  readonly stalledAt?: number | undefined;
}

export type KnownRuns = Readonly<Record<string, Known>>;

export interface Judgement {
  readonly news: readonly News[];
  /** The same object where nothing else is known than before. */
  readonly known: KnownRuns;
}

/** Seconds: who logs many times a second does not stall within the next. */
const shortestStall = 60;
/** The host must find a process gone so often: a run in a container writes on, and a last word may be on its way. */
const goneLooks = 2;

/** Runs that are remembered in each root. */
const mostKnown = 5_000;

/**
 * What is new for whoever made these rules. Runs that had ended before a rule was made are no news, nor are their values
 * until then. Of runs that ran before, no more than `most` are followed.
 * @param hostTime seconds since the epoch by the host's clock: when it was looked at.
 */
export function judge(
  rules: readonly Rule[],
  before: KnownRuns,
  runs: readonly RunFacts[],
  hostTime: number,
  most = mostKnown,
): Judgement {
  const news: News[] = [];
  const changed = new Map<string, Known>();
  const several = idsOfSeveral(runs);
  let free = most - Object.keys(before).length;
  for (const run of runs) {
    const theirs = rules.filter(({ scope }) => isCovered(run, scope));
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

/** Ids of more than one run: of a folder that somebody copied to another path. Each of them is watched for itself. */
function idsOfSeveral(runs: readonly RunFacts[]): ReadonlySet<string> {
  const [once, several] = [new Set<string>(), new Set<string>()];
  for (const { id } of runs) (once.has(id) ? several : once).add(id);
  return several;
}

/** What a run is known by where others have its id. */
export function folderKey({ id, folder }: Pick<Run, "id" | "folder">): string {
  return `${id}\n${folder}`;
}

/** What was seen of a run, wherever it lay then; for one of several with its id, of that folder. */
export function knownOf(known: KnownRuns, run: Pick<Run, "id" | "folder">): Known | undefined {
  const key = [folderKey(run), run.id].find((one) => Object.hasOwn(known, one));
  return key === undefined ? undefined : known[key];
}

/** Seconds that the clocks of machines with the same files may be apart. */
const clocksApart = 24 * 3_600;

/** When a run began; undefined where its files say that it will. */
export function begunAt({ createdAt }: Pick<Run, "createdAt">, hostTime: number): number | undefined {
  return createdAt !== undefined && createdAt <= hostTime + clocksApart ? createdAt : undefined;
}

/** Undefined for a run that had ended before anybody asked for it. */
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
      if (wishes.failed) told.push({ runId: run.id, kind: ended });
    }
  } else if (ended !== undefined && ended !== "crashed" && known.isAlive) {
    known = { ...known, isAlive: false, gone: 0 };
    const isWished = ended === "finished" ? wishes.finished : wishes.failed;
    if (isWished) told.push({ runId: run.id, kind: ended });
  }
  return { known, told };
}

/** What a run's files and its host say of its end; undefined for what is none. */
function endOf({ status, sign }: RunFacts): "finished" | "failed" | "interrupted" | "crashed" | undefined {
  if (sign?.kind === "process-gone") return "crashed";
  return status === "finished" || status === "failed" || status === "interrupted" ? status : undefined;
}

function judgeValues(
  wishes: Wishes,
  known: Known,
  { id, values, status, sign }: RunFacts,
  hostTime: number,
  told: News[],
): Known {
  if (!values) return known;
  const { isUnread } = known;
  const tell = (news: News): void => {
    if (!isUnread) told.push(news);
  };
  let now: Known = isUnread ? { ...known, isUnread: false } : known;
  if (wishes.notFinite && values.firstNotFinite && !now.wasNotFinite) {
    now = { ...now, wasNotFinite: true };
    tell({ runId: id, kind: "not-finite", ...values.firstNotFinite });
  }
  const fresh = wishes.thresholds.filter((text) => values.reached.has(text) && !now.reached.includes(text));
  for (const threshold of fresh) {
    const { value, step } = values.reached.get(threshold) ?? { value: Number.NaN, step: 0 };
    tell({ runId: id, kind: "threshold", threshold, value, step });
  }
  if (fresh.length > 0) now = { ...now, reached: [...now.reached, ...fresh] };
  const { lastAt, usualInterval } = values;
  if (wishes.stalled === undefined || lastAt === undefined || usualInterval === undefined) return now;
  const seconds = hostTime - lastAt;
  const isStalled = seconds > Math.max(shortestStall, wishes.stalled * usualInterval);
  // Whose process is gone does not stall.
  if (!isStalled || status !== "running" || sign?.kind === "process-gone" || now.stalledAt === lastAt)
    return now;
  tell({ runId: id, kind: "stalled", seconds });
  return { ...now, stalledAt: lastAt };
}

/**
 * A rule was made or changed: what the values of its runs say by now is no news.
 * @param isCoveredBy by the id of a run, or its `folderKey`.
 */
export function doNotTellOlder(known: KnownRuns, isCoveredBy: (key: string) => boolean): KnownRuns {
  return Object.fromEntries(
    Object.entries(known).map(([id, one]) => [id, isCoveredBy(id) ? { ...one, isUnread: true } : one]),
  );
}

/**
 * Forgets the oldest of those that have ended, where there are too many; of those that run, only what is too many without
 * them. @returns also from when on a run is new now.
 */
export function forgetOldest(
  known: KnownRuns,
  most = mostKnown,
): { readonly known: KnownRuns; readonly since: number | undefined } {
  const all = Object.entries(known);
  if (all.length <= most) return { known, since: undefined };
  const byAge = all.sort(([, a], [, b]) => (a.createdAt ?? 0) - (b.createdAt ?? 0));
  // By half, so that it is not done each time.
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
