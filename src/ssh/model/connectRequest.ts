import type { Target } from "./target.js";

/** Credentials that a caller brings along. They live in memory only and are never written anywhere. */
export interface Credentials {
  readonly password?: string;
  /** Tried before the configuration's own. Leading `~` is the local home. */
  readonly identityFiles?: readonly string[];
  /** Private keys themselves, as text; tried first. */
  readonly privateKeys?: readonly string[];
  /** Opens the encrypted ones of all these keys. */
  readonly passphrase?: string;
  /** Default true. */
  readonly useAgent?: boolean;
  /** Uses only these credentials: no agent, no configured keys. Default false. */
  readonly onlyGiven?: boolean;
}

export interface ConnectRequest {
  readonly target: Target;
  readonly credentials?: Credentials;
  /** Through these hosts, the nearest first, or straight where there are none. Default: as `~/.ssh/config` says. */
  readonly jump?: readonly Target[];
  /**
   * Goes straight to this IP address: the target's name was looked up already, and `~/.ssh/config` is not asked. Host
   * keys are those of the target's name.
   */
  readonly address?: string;
}

/** How far a connect has come, for progress. */
export type ConnectPhase =
  | "resolving"
  | "connecting"
  | "verifying-host-key"
  | "authenticating"
  /** The system's ssh logs in; a security key in an agent may wait to be touched. */
  | "authenticating-with-openssh"
  /** A security key waits to be touched; the phase before it comes again when that is over. */
  | "waiting-for-touch";

export interface ConnectOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (phase: ConnectPhase) => void;
}
