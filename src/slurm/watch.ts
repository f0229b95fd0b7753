import { toDisposable, type Disposable } from "../common/async/disposable.js";
import { Emitter, type Event } from "../common/async/event.js";
import { pause } from "../common/async/pause.js";
import { Cancelled, Failure } from "../common/failure.js";
import type { Logger } from "../common/logger.js";
import type { Connection } from "../ssh/model/connection.js";
import type { ListedJob } from "./answers/readQueue.js";
import { isSlurmFailure } from "./model/failures.js";
import type { JobState } from "./model/job.js";
import type { WorkloadManager } from "./workloadManager.js";

/** Milliseconds between two questions to the controller of one cluster: at least, and at most. */
const shortest = 2_000;
const longest = 30_000;
/** Milliseconds until a cluster with free nodes has started a job. */
const usualStart = 800;
/** Jobs of a host that are remembered without being watched. */
const mostRemembered = 100;
/** Milliseconds that two tellings of the same end of time may differ. */
const jitter = 4_000;

/** How jobs are: one question per login node for all of them. */
export interface JobWatch {
  watch(login: Connection, jobId: string, onState?: (state: JobState) => void): Disposable;
  stateOf(loginId: string, jobId: string): JobState | undefined;
  readonly all: readonly { readonly loginId: string; readonly jobId: string; readonly state: JobState }[];
  readonly onDidChange: Event<void>;
  /** Whether it is one of ours, as far as that is known. */
  isOurs(loginId: string, jobId: string): boolean | undefined;
  /** A job that was submitted this moment: nobody needs to ask yet. */
  expect(login: Connection, jobId: string): void;
  /** Something has happened to a job of this host: asks as soon as it may. */
  hurry(login: Connection): void;
  /** What the cluster says to a question that is asked from now on. Waits while a job is ending. @throws Cancelled. */
  look(login: Connection, jobId: string, signal?: AbortSignal): Promise<JobState>;
  dispose(): void;
}

export interface JobWatchOptions {
  readonly manager: WorkloadManager;
  /** The open connection of this id. */
  readonly connection: (loginId: string) => Connection | undefined;
  readonly logger: Logger;
}

interface Watched {
  state: JobState | undefined;
  /** When it became so, by the clock of `performance.now()`. */
  since: number;
  /** It is over, and how is not known yet. */
  isEnding: boolean;
  isOurs: boolean | undefined;
  readonly listeners: Set<(state: JobState) => void>;
}

interface Host {
  login: Connection;
  readonly jobs: Map<string, Watched>;
  timer: NodeJS.Timeout | undefined;
  /** When the last question was asked, by the clock of `performance.now()`. */
  askedAt: number;
  asking: Promise<void> | undefined;
}

export function createJobWatch({ manager, connection, logger }: JobWatchOptions): JobWatch {
  const changed = new Emitter<void>();
  const hosts = new Map<string, Host>();
  const disposed = new AbortController();

  const hostOf = (login: Connection): Host => {
    const present = hosts.get(login.id);
    if (present) {
      if (login.state === "open") present.login = login;
      return present;
    }
    const made: Host = { login, jobs: new Map(), timer: undefined, askedAt: -Infinity, asking: undefined };
    hosts.set(login.id, made);
    return made;
  };

  const become = (job: Watched, state: JobState): void => {
    if (job.state && isSame(job.state, state)) return;
    job.state = state;
    job.since = performance.now();
    for (const listener of [...job.listeners]) listener(state);
    changed.fire();
  };

  const hear = async (
    host: Host,
    login: Connection,
    listed: readonly ListedJob[],
    asked: readonly string[],
  ) => {
    const known = new Map(listed.map((one) => [one.id, one]));
    for (const jobId of asked) {
      const job = host.jobs.get(jobId);
      if (!job || job.state?.kind === "ended") continue;
      const found = known.get(jobId);
      if (found) job.isOurs = true;
      job.isEnding = found !== undefined && found.state === undefined;
      if (found?.state) become(job, found.state);
      else if (!found) become(job, await absent(login, jobId, job));
    }
  };
  const absent = async (login: Connection, jobId: string, job: Watched): Promise<JobState> => {
    const others = await manager.queue(login, "others");
    const other = others.find(({ id }) => id === jobId);
    if (other) job.isOurs = false;
    if (other?.state) return other.state;
    return { kind: "ended", how: (await manager.ended(login, jobId).catch(() => undefined)) ?? "forgotten" };
  };

  const ask = async (host: Host): Promise<void> => {
    host.askedAt = performance.now();
    const open = host.login.state === "open" ? host.login : connection(host.login.id);
    const asked = [...host.jobs].filter(([, { listeners }]) => listeners.size > 0).map(([jobId]) => jobId);
    const unknown = (why: "controller" | "login"): void => {
      for (const job of watchedOf(host)) {
        if (job.state?.kind === "ended") continue;
        const before = job.state?.kind === "unknown" ? job.state.before : job.state;
        become(job, { kind: "unknown", why, before });
      }
    };
    if (open?.state !== "open") return unknown("login");
    host.login = open;
    try {
      await hear(host, open, await manager.queue(open, "ours"), asked);
    } catch (error) {
      logger.info(
        `${host.login.id}: jobs are not known: ${error instanceof Failure ? error.detail.code : String(error)}`,
      );
      unknown(isSlurmFailure(error, "slurm-silent", "slurm-failed") ? "controller" : "login");
    }
  };

  /** One question at a time, none sooner than it may be. */
  const askNow = (host: Host): Promise<void> => {
    host.asking ??= (async () => {
      await pause(Math.max(0, host.askedAt + shortest - performance.now()), disposed.signal);
      if (!disposed.signal.aborted) await ask(host);
    })().finally(() => {
      host.asking = undefined;
      schedule(host);
    });
    return host.asking;
  };

  const schedule = (host: Host): void => {
    clearTimeout(host.timer);
    const live = watchedOf(host).filter(({ state }) => state?.kind !== "ended");
    if (live.length === 0 || disposed.signal.aborted) return;
    const due = Math.min(...live.map(intervalOf));
    host.timer = setTimeout(() => void askNow(host), Math.max(0, host.askedAt + due - performance.now()));
    host.timer.unref();
  };

  const watch: JobWatch["watch"] = (login, jobId, onState) => {
    const host = hostOf(login);
    const job: Watched = host.jobs.get(jobId) ?? {
      state: undefined,
      since: performance.now(),
      isEnding: false,
      isOurs: undefined,
      listeners: new Set(),
    };
    host.jobs.set(jobId, job);
    const listener = (state: JobState): void => onState?.(state);
    const isFirst = job.listeners.size === 0;
    job.listeners.add(listener);
    if (job.state) queueMicrotask(() => job.state && job.listeners.has(listener) && listener(job.state));
    // Nobody has asked since the last one that listened went.
    if (isFirst && job.state?.kind !== "ended") void askNow(host);
    else schedule(host);
    return toDisposable(() => {
      job.listeners.delete(listener);
      const forgotten = [...host.jobs]
        .filter(([, { listeners }]) => listeners.size === 0)
        .slice(0, -mostRemembered);
      for (const [id] of forgotten) host.jobs.delete(id);
      schedule(host);
    });
  };

  return {
    watch,
    isOurs: (loginId, jobId) => hosts.get(loginId)?.jobs.get(jobId)?.isOurs,
    stateOf: (loginId, jobId) => hosts.get(loginId)?.jobs.get(jobId)?.state,
    get all() {
      return [...hosts].flatMap(([loginId, { jobs }]) =>
        [...jobs].flatMap(([jobId, { state, listeners }]) =>
          state && listeners.size > 0 ? [{ loginId, jobId, state }] : [],
        ),
      );
    },
    onDidChange: changed.event,
    expect: (login, jobId) => {
      const host = hostOf(login);
      const state: JobState = { kind: "queued", reason: "None", expectedStart: undefined, isStuck: false };
      host.jobs.set(jobId, {
        state,
        since: performance.now(),
        isEnding: false,
        isOurs: true,
        listeners: new Set(),
      });
      host.askedAt = Math.max(host.askedAt, performance.now() - shortest + usualStart);
    },
    hurry: (login) => {
      const host = hosts.get(login.id);
      if (host && watchedOf(host).length > 0) void askNow(host);
    },
    look: async (login, jobId, signal) => {
      const holding = watch(login, jobId);
      try {
        const host = hostOf(login);
        const job = host.jobs.get(jobId);
        const wantedAt = performance.now();
        do {
          await askNow(host);
          if (signal?.aborted || disposed.signal.aborted) throw new Cancelled();
        } while (host.askedAt < wantedAt || job?.isEnding);
        return job?.state ?? { kind: "unknown", why: "controller", before: undefined };
      } finally {
        holding.dispose();
      }
    },
    dispose: () => {
      disposed.abort();
      for (const { timer } of hosts.values()) clearTimeout(timer);
      hosts.clear();
    },
  };
}

function watchedOf({ jobs }: Host): Watched[] {
  return [...jobs.values()].filter(({ listeners }) => listeners.size > 0);
}

/** Often while something is about to happen, then ever more rarely. */
function intervalOf({ state, since, isEnding }: Watched): number {
  if (isEnding || state === undefined) return shortest;
  if (state.kind !== "running") return within((performance.now() - since) / 10);
  const left = state.endsAt === undefined ? longest : state.endsAt - Date.now() + shortest;
  return within(left);
}

function within(milliseconds: number): number {
  return Math.min(longest, Math.max(shortest, milliseconds));
}

function isSame(one: JobState, other: JobState): boolean {
  if (one.kind === "running" && other.kind === "running")
    return one.node === other.node && isNear(one.endsAt, other.endsAt);
  if (one.kind === "queued" && other.kind === "queued")
    return one.reason === other.reason && isNear(one.expectedStart, other.expectedStart);
  return JSON.stringify(one) === JSON.stringify(other);
}

function isNear(one: number | undefined, other: number | undefined): boolean {
  return one === other || (one !== undefined && other !== undefined && Math.abs(one - other) < jitter);
}
