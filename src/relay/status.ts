import type { CommandFate } from "./protocol/serverMessages.js";
import type { ServerLinkState } from "./wire/link.js";

export interface RelayCounters {
  received: number;
  done: number;
  failed: number;
  refused: number;
  /** Results that were sent more than once. */
  resent: number;
}

/** A command that ended, for people. */
export interface RecentCommand {
  readonly id: string;
  readonly host: string;
  readonly fate: CommandFate;
  readonly exitCode: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** From its arrival to its result. */
  readonly milliseconds: number;
  /** Only where the person wants to see it. */
  readonly command?: string | undefined;
}

export interface Histogram {
  /** Upper bounds in milliseconds; the last count is of everything beyond. */
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
}

/** A picture of the agent as it is now. */
export interface RelayStatus {
  readonly url: string;
  readonly proxyId: string;
  readonly transport: string;
  readonly link: ServerLinkState;
  readonly counters: Readonly<RelayCounters>;
  readonly running: number;
  readonly waiting: number;
  /** Results that the main server has not confirmed. */
  readonly unacknowledged: number;
  /** Open SSH connections. */
  readonly connections: number;
  readonly latency: Histogram;
  /** The newest first. */
  readonly recent: readonly RecentCommand[];
}

const bounds = [10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000] as const;
const recentCount = 20;

/** What has happened so far, in numbers. */
export interface RelayRecord {
  readonly counters: RelayCounters;
  readonly latency: Histogram;
  readonly recent: readonly RecentCommand[];
  ended(command: RecentCommand): void;
}

/** Counts what happens. */
export function createRecord(): RelayRecord {
  const counters: RelayCounters = { received: 0, done: 0, failed: 0, refused: 0, resent: 0 };
  const counts = Array.from({ length: bounds.length + 1 }, () => 0);
  const recent: RecentCommand[] = [];
  return {
    counters,
    get latency(): Histogram {
      return { bounds, counts: [...counts] };
    },
    get recent(): readonly RecentCommand[] {
      return [...recent];
    },
    ended(command: RecentCommand): void {
      counters[command.fate] += 1;
      const bucket = bounds.findIndex((bound) => command.milliseconds <= bound);
      const index = bucket < 0 ? bounds.length : bucket;
      counts[index] = (counts[index] ?? 0) + 1;
      recent.unshift(command);
      recent.splice(recentCount);
    },
  };
}
