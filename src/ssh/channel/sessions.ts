import type { Duplex, Writable } from "node:stream";
import { timeLimit } from "../../common/async/timeLimit.js";
import { pause } from "../../common/async/pause.js";
import { Cancelled, Failure } from "../../common/failure.js";
import type { Connection, RemoteProcess, SpawnOptions } from "../model/connection.js";
import type { SshFailure } from "../model/failures.js";
import { createSessionSlots, type EnterOptions, type SessionSlot } from "./sessionSlots.js";

/** The server takes no further session at this moment. */
export class SessionRefused extends Error {}

/** What opens one session. Throws {@link SessionRefused} where another try may succeed. */
export interface SessionOpener {
  /** Feeds it as soon as the channel is open, before the server has answered the request. */
  spawn(command: string, feed: (stdin: Writable) => void): Promise<RemoteProcess>;
  subsystem(name: string): Promise<Duplex>;
}

/** Milliseconds before each new try where nothing of ours is open: a busy server still counts sessions that have ended. */
const patience: readonly number[] = [20, 100, 500];
/** Milliseconds that a subsystem waits for a place: a person looks at its folder. */
const subsystemPatience = 20_000;

/**
 * Opens sessions, never more at once than the server allows; the rest wait in a queue. A refused session is retried
 * when a slot is free.
 * @param host as a person knows it.
 * @param requireOpen throws when the connection is no longer open.
 * @param ofConnection sessions that the connection itself holds.
 */
export function createSessions(
  host: string,
  requireOpen: () => void,
  opener: SessionOpener,
  ofConnection = 0,
): Pick<Connection, "spawn" | "subsystem"> {
  const slots = createSessionSlots(host, ofConnection);
  const refused = (reason: string): Failure<SshFailure> =>
    new Failure<SshFailure>({ code: "channel-refused", host, reason });

  const inPlace = async <T>(
    open: () => Promise<T>,
    onEnd: (opened: T, leave: () => void) => void,
    options: EnterOptions,
  ): Promise<T> => {
    for (let triesAlone = 0, again = false; ; again = true) {
      const slot = await slots.enter({ ...options, again });
      const result = await openOnce(slot, open);
      if (!(result instanceof SessionRefused)) {
        onEnd(result, () => slot.leave());
        return result;
      }
      const others = slot.refused();
      if (others > 0 && options.slot === "now") throw refused(result.message);
      if (others === 0 && triesAlone === patience.length) throw refused(result.message);
      await pause(patience[others === 0 ? triesAlone : 0] ?? 0, options.signal ?? never);
      if (others === 0) triesAlone += 1;
    }
  };

  const openOnce = async <T>(slot: SessionSlot, open: () => Promise<T>): Promise<T | SessionRefused> => {
    try {
      requireOpen();
      const opened = await open();
      slot.opened();
      return opened;
    } catch (error) {
      if (error instanceof SessionRefused) return error;
      slot.leave();
      throw error;
    }
  };

  return {
    spawn: (command, options = {}) =>
      inPlace(
        () => {
          options.onSlot?.();
          return opener.spawn(command, (stdin) => feed(stdin, options));
        },
        (process, leave) => void process.ended.then(leave),
        options,
      ),
    subsystem: async (name, signal) => {
      const late = timeLimit(subsystemPatience);
      try {
        return await inPlace(
          () => opener.subsystem(name),
          (stream, leave) => void stream.once("close", leave),
          { signal: signal ? AbortSignal.any([signal, late]) : late },
        );
      } catch (error) {
        throw error instanceof Cancelled && !signal?.aborted ? refused("MaxSessions") : error;
      }
    },
  };
}

const never = new AbortController().signal;

function feed(stdin: Writable, { input, inputEnds = false, onOpen }: SpawnOptions): void {
  if (input !== undefined) stdin.write(input);
  if (inputEnds) stdin.end();
  onOpen?.(stdin);
}
