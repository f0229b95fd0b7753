import type { CommandResult } from "./frames.js";

/** Why there is no connection to the main server: what a person can do something about, in the field's words. */
export type LinkProblem =
  | "refused"
  | "not-found"
  | "unreachable"
  | "timed-out"
  | "certificate"
  | "unauthorized"
  | "not-a-relay-server"
  | "closed"
  | "went-silent";

export type LinkState =
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
  readonly onState: (state: LinkState) => void;
  readonly onWire: (wire: Wire | undefined) => void;
  /** Milliseconds between two tries, before jitter. */
  readonly interval: number;
  readonly random?: () => number;
}

/** A fifth to either side, so that many agents of a server that comes back do not all come at once. */
function withJitter(interval: number, random: () => number): number {
  return Math.round(interval * (0.8 + 0.4 * random()));
}

/** Connects again for ever, until `signal` is aborted. Then the wire is closed. */
export async function keepLinked(options: LinkOptions, signal: AbortSignal): Promise<void> {
  const { open, listener, onState, onWire, interval, random = Math.random } = options;
  while (!signal.aborted) {
    onState({ kind: "connecting" });
    const problem = await open(listener, signal).then(
      async (wire) => {
        onState({ kind: "connected", since: Date.now() });
        onWire(wire);
        const stop = (): void => wire.close();
        signal.addEventListener("abort", stop, { once: true });
        if (signal.aborted) wire.close();
        const ended = await wire.closed;
        signal.removeEventListener("abort", stop);
        onWire(undefined);
        return ended;
      },
      (error: unknown) => (error instanceof LinkError ? error.problem : "unreachable"),
    );
    if (signal.aborted) return;
    const delay = withJitter(interval, random);
    onState({ kind: "waiting", until: Date.now() + delay, problem });
    await pause(delay, signal);
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
  });
}
