import { keepTrying } from "../../common/async/keepTrying.js";
import type { RetryPolicy } from "../../common/async/retryPolicy.js";
import type { CommandResult } from "../protocol/serverMessages.js";

/** Why there is no connection to the main server: what a person can do something about, in the field's words. */
export type LinkProblem =
  | "refused"
  | "not-found"
  | "unreachable"
  | "timed-out"
  | "certificate"
  | "certificate-expired"
  | "certificate-not-yet-valid"
  | "certificate-of-another"
  | "proxy-login"
  | "unauthorized"
  | "not-a-relay-server"
  | "closed"
  | "went-silent";

export type ServerLinkState =
  | { readonly kind: "connecting" }
  | { readonly kind: "connected"; readonly since: number }
  /** `until` is when the next try begins; both in milliseconds since the epoch. */
  | { readonly kind: "waiting"; readonly until: number; readonly problem: LinkProblem };

/** What comes from the main server. */
export interface LinkListener {
  onEvent(event: string, data: unknown): void;
  /** A frame that could not even be read as one. */
  onNoise(): void;
  /** The Socket.IO acknowledgement of one result. */
  onAcknowledged(id: string, success: boolean): void;
}

/** One open connection to the main server, whatever the transport. */
export interface Wire {
  /** Sends a `command_result`. Resolves when it is on its way; rejects or stays silent when the wire is cut. */
  send(id: string, result: CommandResult): Promise<void>;
  /** Settles once, when the wire is cut from either side or the other side has gone silent. */
  readonly closed: Promise<LinkProblem>;
  close(): void;
}

/** Rejects with a {@link LinkError}. */
export type OpenWire = (listener: LinkListener, signal: AbortSignal) => Promise<Wire>;

export class LinkError extends Error {
  constructor(readonly problem: LinkProblem) {
    super(problem);
  }
}

export interface LinkOptions {
  readonly open: OpenWire;
  readonly listener: LinkListener;
  readonly onState: (state: ServerLinkState) => void;
  readonly onWire: (wire: Wire | undefined) => void;
  /** Milliseconds between two tries, before jitter. */
  readonly interval: number;
}

/** Jitter of 20 % either way, so that the agents of a restarted server do not all reconnect at once. */
const jitter = [0.8, 1.2] as const;

/** Reconnects until `signal` is aborted, then closes the wire. */
export async function keepLinked(options: LinkOptions, signal: AbortSignal): Promise<void> {
  const { onState, onWire, interval } = options;
  const policy: RetryPolicy = { firstDelay: 0, base: interval, cap: interval, jitter };
  let lostBy: LinkError | undefined;
  for (;;) {
    const { opened } = keepTrying({
      policy,
      open: () => options.open(options.listener, signal),
      judge: () => "later",
      onWait: (wait) => {
        if (wait.kind === "trying") onState({ kind: "connecting" });
        else if (wait.kind === "until" && wait.error !== undefined)
          onState({ kind: "waiting", until: wait.at, problem: problemOf(wait.error) });
      },
      signal,
      lostBy,
    });
    const wire = await opened.catch(() => undefined);
    if (!wire) return;
    onState({ kind: "connected", since: Date.now() });
    onWire(wire);
    lostBy = new LinkError(await closedBy(wire, signal));
    onWire(undefined);
    if (signal.aborted) return;
  }
}

function problemOf(error: unknown): LinkProblem {
  return error instanceof LinkError ? error.problem : "unreachable";
}

/** Waits for the end of the wire, which the signal brings too. */
async function closedBy(wire: Wire, signal: AbortSignal): Promise<LinkProblem> {
  const stop = (): void => wire.close();
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await wire.closed;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
