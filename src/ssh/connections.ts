import type { Event } from "../common/async/event.js";
import { Failure } from "../common/failure.js";
import type { Connection } from "./model/connection.js";
import type { ConnectOptions, ConnectRequest } from "./model/connectRequest.js";
import type { SshFailure } from "./model/failures.js";
import type { Interaction } from "./model/interaction.js";
import { createOpener, type OpenerOptions } from "./opener.js";
import { createPool } from "./pool.js";
import { rememberAnswers } from "./login/rememberedAnswers.js";
import { formatTarget, type Target } from "./model/target.js";

/** The pool: one connection per endpoint and credentials. */
export interface Connections {
  readonly all: readonly Connection[];
  /** Any connection opened or closed. */
  readonly onDidChange: Event<void>;
  /** Where connections are being opened now, as it was written; each as often as it is asked for. */
  readonly connecting: readonly Target[];
  readonly onDidChangeConnecting: Event<void>;
  /**
   * The open connection for this endpoint and these credentials, or a new one. Two callers at once share one attempt.
   * @throws Failure with an `SshFailure`, or Cancelled.
   */
  connect(request: ConnectRequest, interaction: Interaction, options?: ConnectOptions): Promise<Connection>;
  get(id: string): Connection | undefined;
  /**
   * The connection that {@link Connections.connect} would reuse for this request; opens none.
   * @throws Cancelled.
   */
  present(request: ConnectRequest, signal?: AbortSignal): Promise<Connection | undefined>;
  /** Whether {@link Connections.reopen} knows how this connection was made. */
  isKnown(id: string): boolean;
  /** Where such a connection leads, as it was written; undefined for one that is not known. */
  targetOf(id: string): Target | undefined;
  /**
   * Reopens a lost connection as it was first opened. The user's answers are kept in memory until the connection is
   * closed on purpose or an authentication fails.
   * @param attended whether a person may be asked what is not remembered.
   * @throws Failure with an `SshFailure` (`connection-unknown` when there never was one), or Cancelled.
   */
  reopen(id: string, attended: boolean, signal: AbortSignal): Promise<Connection>;
  /**
   * Forgets the credentials and answers of lost connections that will not be reopened.
   * @param isNeeded asked of each connection that was lost.
   */
  forgetLost(isNeeded: (id: string) => boolean): void;
  /** Forgets the same of every connection to this target, as it was written. One that is open stays open. */
  forget(target: Target): void;
  /**
   * Nobody is given the connection of this id while `work` ends it: whoever connects there meanwhile waits for that, and gets a
   * new one where it was closed.
   * @throws what `work` throws.
   */
  whileEnding<T>(id: string, work: () => Promise<T>): Promise<T>;
  /** Closes every connection; resolves when all sockets are gone. */
  closeAll(): Promise<void>;
}

export type ConnectionsOptions = OpenerOptions;

export function createConnections(options: ConnectionsOptions): Connections {
  const pool = createPool(options.logger);
  const opener = createOpener(options, pool);
  return {
    get all() {
      return pool.all;
    },
    onDidChange: pool.onDidChange,
    get connecting() {
      return opener.connecting;
    },
    onDidChangeConnecting: opener.onDidChangeConnecting,
    get: (id) => pool.get(id),
    present: (request, signal) => opener.present(request, signal),
    connect: (request, interaction, options = {}) => {
      const answers = rememberAnswers(interaction);
      return opener.open({ request, answers }, answers.attended, { ...options, waits: true });
    },
    isKnown: (id) => pool.originOf(id) !== undefined,
    targetOf: (id) => pool.originOf(id)?.request.target,
    reopen: async (id, attended, signal) => {
      const origin = pool.originOf(id);
      if (!origin) throw new Failure<SshFailure>({ code: "connection-unknown", id });
      const { answers } = origin;
      return opener.open(origin, attended ? answers.attended : answers.alone, { signal });
    },
    forgetLost: (isNeeded) => pool.forgetOrigins((id) => pool.get(id)?.state !== "open" && !isNeeded(id)),
    forget: (target) =>
      pool.forgetOrigins((_id, { request }) => formatTarget(request.target) === formatTarget(target)),
    whileEnding: pool.whileEnding,
    closeAll: async () => {
      opener.giveUpAll();
      await Promise.all(pool.all.map((connection) => connection.close()));
      await opener.settled();
    },
  };
}
