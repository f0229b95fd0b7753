import { timeLimit } from "../../common/async/timeLimit.js";
import { Emitter, type Event } from "../../common/async/event.js";
import { keepTrying, type RetryWait, type Trying } from "../../common/async/keepTrying.js";
import { Cancelled, Failure, type FailureDetail } from "../../common/failure.js";
import type { Logger } from "../../common/logger.js";
import type { Connection } from "../../ssh/model/connection.js";
import { reconnectVerdict } from "../../ssh/model/retryClass.js";
import type { Semaphore } from "../../common/async/semaphore.js";
import { hostRetryPolicy } from "./reconnectPolicy.js";
import type { ViewerFailure } from "../failures.js";
import type { ReconnectWait } from "../session/session.js";

export type HostLinkState =
  | { readonly kind: "up"; readonly connection: Connection }
  | { readonly kind: "down"; readonly cause: FailureDetail; readonly wait: ReconnectWait };

/** The connection to one host, shared by all its sessions and reopened when it is lost. */
export interface HostLink {
  readonly connectionId: string;
  readonly state: HostLinkState;
  readonly onDidChange: Event<HostLinkState>;
  /** The user wants to reconnect: retries now, and may ask questions. */
  retry(): void;
  /** Retries now without asking anything: the machine woke up, or the network is back. */
  retryUnattended(): void;
  /**
   * The open connection, or the one that a try which is under way, or is made now, comes to. Asks nobody anything.
   * @returns undefined when that try fails, takes longer than `limit` milliseconds, or would ask a person.
   */
  reached(limit: number): Promise<Connection | undefined>;
  /** No more tries. An open connection stays. */
  dispose(): void;
}

export interface HostLinkOptions {
  readonly connectionId: string;
  /** The open connection; without one the first try is made at once. */
  readonly connection?: Connection;
  /**
   * Opens the way again.
   * @param attended whether a person waits for it and may be asked.
   */
  readonly reconnect: (attended: boolean, signal: AbortSignal) => Promise<Connection>;
  /** Limits concurrent attempts: a network that comes back must not see fifty handshakes. */
  readonly gate: Semaphore;
  readonly logger: Logger;
}

export function createHostLink(options: HostLinkOptions): HostLink {
  const { connectionId, reconnect, gate, logger } = options;
  const changed = new Emitter<HostLinkState>();
  const disposed = new AbortController();
  let trying: Trying<Connection> | undefined;
  let state: HostLinkState;

  const become = (next: HostLinkState): void => {
    state = next;
    changed.fire(next);
  };
  const use = (connection: Connection): void => {
    become({ kind: "up", connection });
    connection.onDidClose((reason) => {
      if (disposed.signal.aborted || reason.kind === "closed") return;
      void comeBack(reason.failure);
    });
  };
  const waitOf = (wait: RetryWait, cause: FailureDetail): ReconnectWait => {
    switch (wait.kind) {
      case "until":
        return { kind: "until", at: wait.at };
      case "trying":
        return { kind: "connecting" };
      case "held":
        return { kind: "person", failure: failureOf(wait.error, cause) };
    }
  };

  async function comeBack(cause: FailureDetail): Promise<void> {
    trying = keepTrying({
      policy: { ...hostRetryPolicy, gate },
      open: (attended) => reconnect(attended, disposed.signal),
      judge: (error) => {
        logger.info(`${connectionId}: not reconnected: ${failureOf(error, cause).code}`);
        return reconnectVerdict(error);
      },
      onWait: (wait) => become({ kind: "down", cause, wait: waitOf(wait, cause) }),
      signal: disposed.signal,
    });
    const connection = await trying.opened.catch(() => undefined);
    if (connection) use(connection);
  }

  const unknown: ViewerFailure = { code: "not-connected-yet" };
  if (options.connection) use(options.connection);
  else void comeBack(unknown);
  return {
    connectionId,
    get state() {
      return state;
    },
    onDidChange: changed.event,
    retry: () => trying?.retry(true),
    retryUnattended: () => trying?.tryNow(),
    reached: (limit) => {
      trying?.tryNow();
      return outcomeOfTry(() => state, changed.event, AbortSignal.any([disposed.signal, timeLimit(limit)]));
    },
    dispose: () => disposed.abort(new Cancelled()),
  };
}

/** The connection that the next try comes to, or the one under way; undefined when it fails or `signal` is aborted. */
function outcomeOfTry(
  state: () => HostLinkState,
  onDidChange: Event<HostLinkState>,
  signal: AbortSignal,
): Promise<Connection | undefined> {
  return new Promise((resolve) => {
    let isTrying = false;
    const finish = (connection?: Connection): void => {
      heard.dispose();
      signal.removeEventListener("abort", onAbort);
      resolve(connection);
    };
    const onAbort = (): void => finish();
    const look = (now: HostLinkState): void => {
      if (now.kind === "up") finish(now.connection.state === "open" ? now.connection : undefined);
      else if (now.wait.kind === "connecting") isTrying = true;
      else if (now.wait.kind === "person" || isTrying) finish();
    };
    const heard = onDidChange(look);
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) finish();
    else look(state());
  });
}

function failureOf(error: unknown, cause: FailureDetail): FailureDetail {
  return error instanceof Failure ? error.detail : cause;
}
