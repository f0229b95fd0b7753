import type { Event } from "../common/event.js";
import type { Connection } from "./connection.js";
import type { Interaction } from "./interaction.js";
import type { Target } from "./target.js";

/** Credentials that a caller brings along. They live in memory only and are never written anywhere. */
export interface Credentials {
  readonly password?: string;
  /** Tried before the configuration's own. Leading `~` is the local home. */
  readonly identityFiles?: readonly string[];
  readonly passphrase?: string;
  /** Default true. */
  readonly useAgent?: boolean;
}

export interface ConnectRequest {
  readonly target: Target;
  readonly credentials?: Credentials;
}

/** How far a connect has come, for progress. */
export type ConnectPhase = "resolving" | "connecting" | "verifying-host-key" | "authenticating";

export interface ConnectOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (phase: ConnectPhase) => void;
}

/** The pool: one connection per endpoint and credentials. */
export interface Connections {
  readonly all: readonly Connection[];
  /** Any connection opened or closed. */
  readonly onDidChange: Event<void>;
  /**
   * The open connection for this endpoint and these credentials, or a new one. Two callers at once share one attempt.
   * @throws Failure with an `SshFailure`, or Cancelled.
   */
  connect(request: ConnectRequest, interaction: Interaction, options?: ConnectOptions): Promise<Connection>;
  get(id: string): Connection | undefined;
  /** Closes every connection; resolves when all sockets are gone. */
  closeAll(): Promise<void>;
}
