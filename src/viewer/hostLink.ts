import { Emitter, type Event } from "../common/event.js";
import { Cancelled, Failure, type FailureDetail } from "../common/failure.js";
import type { Logger } from "../common/logger.js";
import type { Connection } from "../ssh/connection.js";
import type { Semaphore } from "../ssh/semaphore.js";
import { type ReconnectPolicy, reconnectPolicy } from "./reconnectPolicy.js";
import type { ReconnectWait } from "./session.js";

export type LinkState =
  | { readonly kind: "up"; readonly connection: Connection }
  | { readonly kind: "down"; readonly cause: FailureDetail; readonly wait: ReconnectWait };

/** The way to one host, which all its sessions share and which is opened again when it is lost. */
export interface HostLink {
  readonly connectionId: string;
  readonly state: LinkState;
  readonly onDidChange: Event<LinkState>;
  /** A person wants it now: ends the wait, and what must be asked is asked. */
  retry(): void;
  /** Tries now without asking anything: the machine woke up, or the network is back. */
  hurry(): void;
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
  /** Lets few tries at once through: a network that comes back must not be met by fifty handshakes. */
  readonly gate: Semaphore;
  readonly logger: Logger;
}

/** Failures after which trying again unasked would do harm or is in vain. */
const needPerson: ReadonlySet<string> = new Set([
  "authentication-failed",
  "host-key-not-trusted",
  "host-key-rejected",
  "openssh-host-key-refused",
  "too-many-failures",
  "jump-loop",
  "identity-file-unreadable",
]);

/** Failures before anything reached the host, known at once. */
const beforeTheHost: ReadonlySet<string> = new Set([
  "connection-refused",
  "network-unreachable",
  "host-not-found",
]);

export function createHostLink(options: HostLinkOptions): HostLink {
  const { connectionId, reconnect, gate, logger } = options;
  const changed = new Emitter<LinkState>();
  const disposed = new AbortController();
  let wake: ((attended: boolean) => void) | undefined;
  let state: LinkState;

  const become = (next: LinkState): void => {
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
  /** Waits for the next try. @returns whether a person asked for it. */
  const pause = (milliseconds: number | undefined): Promise<boolean> =>
    new Promise((resolve) => {
      const timer = milliseconds === undefined ? undefined : setTimeout(() => wake?.(false), milliseconds);
      wake = (attended) => {
        clearTimeout(timer);
        wake = undefined;
        resolve(attended);
      };
    });
  const attempt = async (attended: boolean): Promise<Connection> => {
    const leave = await gate.enter(disposed.signal);
    try {
      return await reconnect(attended, disposed.signal);
    } finally {
      leave();
    }
  };

  async function comeBack(cause: FailureDetail): Promise<void> {
    let policy: ReconnectPolicy = reconnectPolicy();
    let attended = false;
    while (!disposed.signal.aborted) {
      become({ kind: "down", cause, wait: { kind: "until", at: Date.now() + policy.delay } });
      attended = (await pause(policy.delay)) || attended;
      if (disposed.signal.aborted) return;
      become({ kind: "down", cause, wait: { kind: "connecting" } });
      try {
        use(await attempt(attended));
        return;
      } catch (error) {
        if (disposed.signal.aborted) return;
        const failure = failureOf(error, cause);
        logger.info(`${connectionId}: not reconnected: ${failure.code}`);
        policy = policy.next(beforeTheHost.has(failure.code));
        if (error instanceof Cancelled || needPerson.has(failure.code)) {
          become({ kind: "down", cause, wait: { kind: "person", failure } });
          attended = await pause(undefined);
          policy = reconnectPolicy(() => 0);
        } else attended = false;
      }
    }
  }

  const unknown: FailureDetail = { code: "not-connected-yet" };
  if (options.connection) use(options.connection);
  else void comeBack(unknown);
  return {
    connectionId,
    get state() {
      return state;
    },
    onDidChange: changed.event,
    retry: () => wake?.(true),
    hurry: () => {
      if (state.kind === "down" && state.wait.kind === "until") wake?.(false);
    },
    dispose: () => {
      disposed.abort(new Cancelled());
      wake?.(false);
    },
  };
}

function failureOf(error: unknown, cause: FailureDetail): FailureDetail {
  return error instanceof Failure ? (error as Failure).detail : { ...cause };
}
