import { type Disposable, toDisposable } from "../common/async/disposable.js";
import { Emitter, type Event } from "../common/async/event.js";
import { Failure, type FailureDetail } from "../common/failure.js";
import type { Logger } from "../common/logger.js";
import type { Connection } from "../ssh/model/connection.js";
import type { Connections } from "../ssh/connections.js";
import { askStatus, type StatusQuestion } from "./askStatus.js";
import type { HostStatus } from "./status.js";
import { type KnownRun, type Training, trainingsOf } from "./trainings.js";

/** The latest status of a host, with a history. */
export interface Glance {
  readonly connectionId: string;
  /** The roots of `status.disks`, in the same order; empty: the home folder. */
  readonly roots: readonly string[];
  /** The last answer. */
  readonly status: HostStatus | undefined;
  /** When it arrived: milliseconds since the epoch, local clock. */
  readonly at: number | undefined;
  readonly trainings: readonly Training[];
  /** Why the last query failed; undefined if it succeeded. */
  readonly failure: FailureDetail | undefined;
  /** Oldest first. */
  readonly samples: readonly Sample[];
}

/** One sample of a host. Shares are from 0 to 1, or above if the load exceeds the cores. */
export interface Sample {
  readonly at: number;
  readonly load: number | undefined;
  readonly memory: number | undefined;
  /** In the order of the status's GPUs. */
  readonly gpus: readonly (number | undefined)[];
}

/** How busy connected hosts are. Polls only while there is a watcher, and opens no connection. */
export interface Glances {
  /** Undefined if it was never polled, or is not connected. */
  of(connectionId: string): Glance | undefined;
  /** The id of a connection whose host answered or failed, or that closed. */
  readonly onDidChange: Event<string>;
  /**
   * Polls all connected hosts until disposed: one query at a time for each host, for at most a tenth of the time.
   * @param seconds the poll interval, read before each wait.
   */
  watch(seconds: () => number): Disposable;
  /** Queries once. @throws Failure with an `SshFailure`. */
  look(connection: Connection, roots?: readonly string[]): Promise<HostStatus>;
}

/** What to query on a host. */
export interface Subjects {
  readonly roots: readonly string[];
  readonly runs: readonly KnownRun[];
}

export interface GlancesOptions {
  readonly connections: Pick<Connections, "all" | "onDidChange">;
  readonly subjectsOf: (connection: Connection) => Promise<Subjects>;
  readonly logger: Logger;
  /** Default: {@link askStatus}. */
  readonly ask?: (connection: Connection, question: StatusQuestion) => Promise<HostStatus>;
}

/** Samples kept: ten minutes at the page's usual interval. */
const mostSamples = 120;
/** A pause is at least so many times as long as the query before it. */
const restFactor = 9;
/** Maximum back-off after failures, in milliseconds, unless the usual pause is longer. */
const longestPause = 300_000;

/** The state of polling one connection. */
interface Polling {
  readonly connection: Connection;
  glance: Glance;
  isAsking: boolean;
  failures: number;
  /** When the last query ended, by the clock of `performance.now()`, and how long it took in milliseconds. */
  endedAt: number | undefined;
  took: number;
  timer: NodeJS.Timeout | undefined;
}

export function createGlances({
  connections,
  subjectsOf,
  logger,
  ask = askStatus,
}: GlancesOptions): Glances & Disposable {
  const pollings = new Map<Connection, Polling>();
  const watchers = new Set<() => number>();
  const changed = new Emitter<string>();

  const question = async (polling: Polling): Promise<void> => {
    const { connection } = polling;
    const began = performance.now();
    polling.isAsking = true;
    try {
      const { roots, runs } = await subjectsOf(connection);
      const pids = runs.flatMap(({ pid }) => pid ?? []);
      const status = await ask(connection, { roots, pids, stuck: polling.glance.status?.stuck });
      polling.failures = 0;
      polling.glance = {
        ...polling.glance,
        roots,
        status,
        at: Date.now(),
        trainings: trainingsOf(status, runs),
        failure: undefined,
        samples: [...polling.glance.samples, sampleOf(status, Date.now())].slice(-mostSamples),
      };
    } catch (error) {
      polling.failures += 1;
      if (error instanceof Failure) polling.glance = { ...polling.glance, failure: error.detail };
      else logger.warn(`the state of a host was not told: ${String(error)}`);
    }
    polling.isAsking = false;
    polling.endedAt = performance.now();
    polling.took = polling.endedAt - began;
    if (pollings.get(connection) !== polling) return;
    changed.fire(connection.id);
    plan(polling);
  };

  const plan = (polling: Polling): void => {
    clearTimeout(polling.timer);
    if (watchers.size === 0 || polling.isAsking || pollings.get(polling.connection) !== polling) return;
    const wait = pauseOf(polling, Math.min(...[...watchers].map((seconds) => seconds())) * 1000);
    polling.timer = setTimeout(() => void question(polling), wait);
  };

  /** Starts polling new connections, and forgets closed ones. */
  const follow = (): void => {
    const open = new Set(connections.all.filter(({ state }) => state === "open"));
    for (const [connection, { timer }] of pollings) {
      if (open.has(connection)) continue;
      clearTimeout(timer);
      pollings.delete(connection);
      changed.fire(connection.id);
    }
    for (const connection of open)
      if (!pollings.has(connection)) pollings.set(connection, newPolling(connection));
    for (const polling of pollings.values()) plan(polling);
  };
  const listening = connections.onDidChange(follow);

  return {
    of: (id) => [...pollings.values()].find(({ connection }) => connection.id === id)?.glance,
    onDidChange: changed.event,
    watch: (seconds) => {
      const watcher = (): number => seconds();
      watchers.add(watcher);
      follow();
      return toDisposable(() => {
        watchers.delete(watcher);
        for (const polling of pollings.values()) plan(polling);
      });
    },
    look: (connection, roots = []) => ask(connection, { roots, pids: [] }),
    dispose: () => {
      listening.dispose();
      watchers.clear();
      for (const { timer } of pollings.values()) clearTimeout(timer);
      pollings.clear();
    },
  };
}

function newPolling(connection: Connection): Polling {
  const nothing = {
    roots: [],
    status: undefined,
    at: undefined,
    trainings: [],
    failure: undefined,
    samples: [],
  };
  return {
    connection,
    glance: { connectionId: connection.id, ...nothing },
    isAsking: false,
    failures: 0,
    endedAt: undefined,
    took: 0,
    timer: undefined,
  };
}

/** Milliseconds until the next query. @param interval the wanted interval in milliseconds. */
function pauseOf({ endedAt, took, failures }: Polling, interval: number): number {
  if (endedAt === undefined) return 0;
  const rest = Math.max(interval, took * restFactor);
  const pause = failures === 0 ? rest : Math.max(rest, Math.min(longestPause, rest * 2 ** failures));
  return Math.max(0, endedAt + pause - performance.now());
}

function sampleOf({ load, cores, memory, gpus }: HostStatus, at: number): Sample {
  return {
    at,
    load: load && cores ? load[0] / cores : load?.[0],
    memory: memory && 1 - memory.available / memory.total,
    gpus: gpus.map(({ use }) => (use === undefined ? undefined : use / 100)),
  };
}
