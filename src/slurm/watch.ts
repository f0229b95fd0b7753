import { type Disposable, toDisposable } from "../common/async/disposable.js";
import { Emitter, type Event } from "../common/async/event.js";
import { Cancelled, orCancelled, throwIfCancelled } from "../common/failure.js";
import type { Connection } from "../ssh/model/connection.js";
import { createHostJobs, type HostJobs, type HostJobsOptions } from "./hostJobs.js";
import type { JobState } from "./model/job.js";

/** Milliseconds to wait for a job that is ending: its node may hang. */
const endingPatience = 10_000;

/** Watches jobs, with one query for all jobs of a login node. */
export interface JobWatch {
  watch(login: Connection, jobId: string, onState?: (state: JobState) => void): Disposable;
  stateOf(loginId: string, jobId: string): JobState | undefined;
  readonly all: readonly { readonly loginId: string; readonly jobId: string; readonly state: JobState }[];
  readonly onDidChange: Event<void>;
  /** Connection ids of the login nodes that are held. */
  readonly held: readonly string[];
  /** Holds a login node until disposed: somebody waits for an answer from it. */
  hold(login: Connection): Disposable;
  /** Whether it is one of ours; undefined if unknown. */
  isOurs(loginId: string, jobId: string): boolean | undefined;
  /** Registers a job that was just submitted, which need not be queried yet. */
  expect(login: Connection, jobId: string): void;
  /** Queries the watched jobs of this host as soon as the rate limit allows. */
  refresh(login: Connection): void;
  /**
   * The answer to a query that starts after this call. Waits up to ten seconds while the job is ending; its state is
   * then `unknown`. @throws Cancelled.
   */
  look(login: Connection, jobId: string, signal?: AbortSignal): Promise<JobState>;
  /** Waits until the rate limit allows another query, two seconds after the last. @throws Cancelled when disposed. */
  turn(login: Connection): Promise<void>;
  dispose(): void;
}

export function createJobWatch(options: Omit<HostJobsOptions, "onChange" | "disposed">): JobWatch {
  const changed = new Emitter<void>();
  const hosts = new Map<string, HostJobs>();
  const holds = new Map<object, string>();
  const end = new AbortController();
  const hostOf = (login: Connection): HostJobs => {
    const host =
      hosts.get(login.id) ??
      createHostJobs(login, { ...options, onChange: () => changed.fire(), disposed: end.signal });
    hosts.set(login.id, host);
    host.use(login);
    return host;
  };
  return {
    // Wrapped, because two watchers may pass the same function.
    watch: (login, jobId, onState) => hostOf(login).watch(jobId, (state) => onState?.(state)),
    isOurs: (loginId, jobId) => hosts.get(loginId)?.all.get(jobId)?.isOurs,
    stateOf: (loginId, jobId) => hosts.get(loginId)?.all.get(jobId)?.state,
    get all() {
      return [...hosts].flatMap(([loginId, { all }]) =>
        [...all].flatMap(([jobId, { state, listeners }]) =>
          state && listeners.size > 0 ? [{ loginId, jobId, state }] : [],
        ),
      );
    },
    onDidChange: changed.event,
    get held() {
      return [...new Set(holds.values())];
    },
    hold: ({ id }) => {
      const key = {};
      holds.set(key, id);
      changed.fire();
      return toDisposable(() => {
        if (holds.delete(key)) changed.fire();
      });
    },
    expect: (login, jobId) => hostOf(login).expect(jobId),
    refresh: (login) => {
      const host = hosts.get(login.id);
      if (host && [...host.all.values()].some(({ listeners }) => listeners.size > 0)) void host.ask();
    },
    look: async (login, jobId, signal) => {
      const host = hostOf(login);
      const wantedAt = performance.now();
      const holding = host.watch(jobId, () => undefined);
      const isEnding = (): boolean => host.all.get(jobId)?.endingSince !== undefined;
      try {
        do {
          await orCancelled(host.ask(), signal);
          if (end.signal.aborted) throw new Cancelled();
        } while (host.askedAt < wantedAt || (isEnding() && performance.now() - wantedAt < endingPatience));
        const state = host.all.get(jobId)?.state;
        return state && !isEnding() ? state : { kind: "unknown", why: "controller", before: state };
      } finally {
        holding.dispose();
      }
    },
    turn: async (login) => {
      await hostOf(login).turn();
      throwIfCancelled(end.signal);
    },
    dispose: () => {
      end.abort();
      hosts.clear();
    },
  };
}
