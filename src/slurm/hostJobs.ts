import { type Disposable, toDisposable } from "../common/async/disposable.js";
import { pause } from "../common/async/pause.js";
import { Failure } from "../common/failure.js";
import type { Logger } from "../common/logger.js";
import type { Connection } from "../ssh/model/connection.js";
import type { ListedJob } from "./answers/readQueue.js";
import { intervalOf, isSameKind, isSameState, shortestInterval, type Watched } from "./watched.js";
import { isSlurmFailure } from "./model/failures.js";
import { isOurs, type JobState } from "./model/job.js";
import type { WorkloadManager } from "./workloadManager.js";

/** Milliseconds that a cluster with free nodes usually takes to start a job. */
const usualStart = 800;
/** Maximum number of unwatched jobs remembered per host. */
const mostRemembered = 100;

/** Polls the jobs behind one login node: one query for all of them, with a rate limit. */
export interface HostJobs {
  /** Use this connection to the login node from now on, if it is open. */
  use(login: Connection): void;
  readonly all: ReadonlyMap<string, Watched>;
  /** When the last query began, by the clock of `performance.now()`. */
  readonly askedAt: number;
  watch(jobId: string, listener: (state: JobState) => void): Disposable;
  /** Registers a job that was just submitted, which need not be queried yet. */
  expect(jobId: string): void;
  /** Queries as soon as the rate limit allows. */
  ask(): Promise<void>;
  /** Waits for a turn to query the cluster: after earlier callers, and the shortest interval after the last of them. */
  turn(): Promise<void>;
}

export interface HostJobsOptions {
  readonly manager: WorkloadManager;
  /** Returns the open connection with this id. */
  readonly connection: (loginId: string) => Connection | undefined;
  readonly onChange: () => void;
  readonly disposed: AbortSignal;
  readonly logger: Logger;
}

export function createHostJobs(first: Connection, options: HostJobsOptions): HostJobs {
  const { onChange, disposed } = options;
  const jobs = new Map<string, Watched>();
  let login = first;
  let timer: NodeJS.Timeout | undefined;
  let askedAt = -Infinity;
  /** When the last caller gets its turn, by the same clock. */
  let lastTurn = -Infinity;
  let asking: Promise<void> | undefined;

  const watched = (): [string, Watched][] => [...jobs].filter(([, { listeners }]) => listeners.size > 0);
  const setState = (job: Watched, state: JobState): void => {
    if (job.state && isSameState(job.state, state)) return;
    if (!job.state || !isSameKind(job.state, state)) job.since = performance.now();
    job.state = state;
    for (const listener of [...job.listeners]) listener(state);
    onChange();
  };
  const turn = async (): Promise<void> => {
    const now = performance.now();
    lastTurn = Math.max(now, lastTurn + shortestInterval);
    await pause(lastTurn - now, disposed);
  };
  const askNow = async (): Promise<void> => {
    await turn();
    if (disposed.aborted) return;
    askedAt = performance.now();
    if (login.state !== "open") login = options.connection(login.id) ?? login;
    await askForAll(login, watched(), setState, options);
  };
  const ask = (): Promise<void> => {
    asking ??= askNow().finally(() => {
      asking = undefined;
      schedule();
    });
    return asking;
  };
  const schedule = (): void => {
    clearTimeout(timer);
    const live = watched().filter(([, { state }]) => state?.kind !== "ended");
    if (live.length === 0 || disposed.aborted) return;
    const due = Math.min(...live.map(([, job]) => intervalOf(job)));
    timer = setTimeout(() => void ask(), Math.max(0, askedAt + due - performance.now()));
    timer.unref();
  };
  disposed.addEventListener("abort", () => clearTimeout(timer), { once: true });

  return {
    use: (connection) => {
      if (connection.state === "open") login = connection;
    },
    all: jobs,
    get askedAt() {
      return askedAt;
    },
    watch: (jobId, listener) => {
      const job = jobs.get(jobId) ?? newlyWatched();
      jobs.set(jobId, job);
      const isFirst = job.listeners.size === 0;
      job.listeners.add(listener);
      if (job.state) queueMicrotask(() => job.state && job.listeners.has(listener) && listener(job.state));
      // Unwatched jobs are not polled, so the state may be out of date.
      if (isFirst && job.state?.kind !== "ended") void ask();
      else schedule();
      return toDisposable(() => {
        job.listeners.delete(listener);
        const idle = [...jobs].filter(([, { listeners }]) => listeners.size === 0);
        for (const [id] of idle.slice(0, -mostRemembered)) jobs.delete(id);
        schedule();
      });
    },
    expect: (jobId) => {
      jobs.set(jobId, { ...newlyWatched(), state: justSubmitted, isOurs: true });
      lastTurn = Math.max(lastTurn, performance.now() - shortestInterval + usualStart);
    },
    ask,
    turn,
  };
}

/** The state of a job that was just submitted. */
export const justSubmitted: JobState = {
  kind: "queued",
  reason: "None",
  expectedStart: undefined,
  isStuck: false,
};

function newlyWatched(): Watched {
  return {
    state: undefined,
    since: performance.now(),
    endingSince: undefined,
    isOurs: undefined,
    listeners: new Set(),
  };
}

type SetState = (job: Watched, state: JobState) => void;

async function askForAll(
  login: Connection,
  asked: readonly [string, Watched][],
  setState: SetState,
  { manager, logger }: HostJobsOptions,
): Promise<void> {
  const live = asked.filter(([, { state }]) => state?.kind !== "ended");
  const unknown = (why: "controller" | "login"): void => {
    for (const [, job] of live) setState(job, unknownFrom(job, why));
  };
  if (login.state !== "open") return unknown("login");
  try {
    const ids = live.map(([jobId]) => jobId);
    const listed = await manager.jobs(login, ids);
    const known = new Map(listed.map((one) => [one.id, one]));
    for (const [jobId, job] of live) await updateJob(login, jobId, job, known.get(jobId), setState, manager);
  } catch (error) {
    const reason = error instanceof Failure ? error.detail.code : String(error);
    logger.info(`${login.id}: jobs are not known: ${reason}`);
    unknown(isSlurmFailure(error, "slurm-silent", "slurm-failed") ? "controller" : "login");
  }
}

async function updateJob(
  login: Connection,
  jobId: string,
  job: Watched,
  found: ListedJob | undefined,
  setState: SetState,
  manager: WorkloadManager,
): Promise<void> {
  const isEnding = found !== undefined && found.state === undefined;
  job.endingSince = isEnding ? (job.endingSince ?? performance.now()) : undefined;
  if (found) {
    job.isOurs = job.isOurs === true || isOurs(found);
    if (found.state) setState(job, found.state);
    return;
  }
  // If accounting does not answer, do not assume that the job ended.
  const how = await manager.ended(login, jobId).catch(() => "alive" as const);
  setState(
    job,
    how === "alive" ? unknownFrom(job, "controller") : { kind: "ended", how: how ?? "forgotten" },
  );
}

/** The state of a job that cannot be queried now. */
function unknownFrom({ state }: Watched, why: "controller" | "login"): JobState {
  return { kind: "unknown", why, before: state?.kind === "unknown" ? state.before : state };
}
