import type { QueueLimits } from "./command/queue.js";
import type { MainServerOptions } from "./wire/server.js";

/** How an agent is to behave. All but the server and who we are to it has a default that harms nobody. */
export interface RelayOptions {
  readonly server: MainServerOptions;
  /** Names, globs, addresses and CIDR blocks. None: no host may be reached. */
  readonly allowedHosts: readonly string[];
  /** Regular expressions, of which one must match the whole command. None: every command may run. */
  readonly allowedCommands?: readonly string[];
  /** A file with certificates (PEM) that are trusted beside the usual ones. */
  readonly caFile?: string | undefined;
  /** Fingerprints (`SHA256:…`) of unknown host keys that may be trusted. */
  readonly acceptedHostKeys?: readonly string[];
  readonly limits?: Partial<QueueLimits>;
  /** Milliseconds without a command after which an SSH connection is closed. */
  readonly idleTime?: number;
  /** Milliseconds for a command that brings no limit of its own, and the most that one may ask for. */
  readonly timeLimit?: number;
  /** Bytes of one result's two streams, as JSON. A Socket.IO server takes a million unless told otherwise. */
  readonly outputLimit?: number;
  /** Milliseconds without the main server after which commands are ended. */
  readonly graceTime?: number;
  /** Milliseconds between two tries to reach the main server. */
  readonly reconnectInterval?: number;
  /** Milliseconds between two signs of life of a plain WebSocket. */
  readonly heartbeat?: number;
  /** Whether the texts of commands are shown and kept in the audit log. */
  readonly keepCommands?: boolean;
}

export const defaults = {
  limits: { overall: 32, perHost: 8, waiting: 1_000 },
  idleTime: 5 * 60_000,
  timeLimit: 24 * 3_600_000,
  outputLimit: 768 * 1024,
  graceTime: 5 * 60_000,
  reconnectInterval: 5_000,
  heartbeat: 15_000,
} as const;
