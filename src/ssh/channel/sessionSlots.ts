import { Cancelled, Failure } from "../../common/failure.js";
import type { SlotWish } from "../model/connection.js";
import type { SshFailure } from "../model/failures.js";
import { createSessionLimit } from "./sessionLimit.js";

/** The right to open one session. It counts against the limit until `leave`. */
export interface SessionSlot {
  /** The server opened the session. */
  opened(): void;
  /**
   * The server refused the session, and the place is given back.
   * @returns how many other sessions the server counted at that moment, as far as we know.
   */
  refused(): number;
  /** The session has ended. */
  leave(): void;
}

export interface EnterOptions {
  readonly signal?: AbortSignal | undefined;
  /** Default `wait`. */
  readonly slot?: SlotWish | undefined;
  /** Was refused by the server, and comes before the others who wait. */
  readonly again?: boolean | undefined;
}

/** The sessions that one connection may have at once. */
export interface SessionSlots {
  /** @throws Failure `channel-refused` where no place will be free, or Cancelled. */
  enter(options?: EnterOptions): Promise<SessionSlot>;
}

/** Milliseconds for which a server may still count a closed session. */
const lingering = 500;

interface Waiting {
  readonly options: EnterOptions;
  readonly admit: () => void;
  readonly refuse: (error: Error) => void;
}

/**
 * Learns the server's session limit from its first refusal. Later callers then wait for a slot instead of being
 * refused.
 * @param ofConnection sessions that the connection itself holds.
 */
export function createSessionSlots(
  host: string,
  ofConnection = 0,
  now: () => number = Date.now,
): SessionSlots {
  const limit = createSessionLimit(() => admitNext());
  let taken = ofConnection;
  let staying = ofConnection;
  let ended: number[] = [];
  let waiting: Waiting[] = [];

  const full = (): Failure<SshFailure> =>
    new Failure<SshFailure>({ code: "channel-refused", host, reason: `MaxSessions ${limit.value}` });
  // A slot whose session stays open is never freed: waiting for it would never end.
  const isHopeless = ({ slot }: EnterOptions): boolean => slot !== "stays" && limit.value <= staying;

  const admitNext = (): void => {
    while (waiting.length > 0 && taken < limit.value) waiting.shift()?.admit();
    const hopeless = waiting.filter(({ options }) => isHopeless(options));
    waiting = waiting.filter((one) => !hopeless.includes(one));
    for (const { refuse } of hopeless) refuse(full());
    limit.isWaitedFor(waiting.length > 0);
  };

  const take = (stays: boolean): SessionSlot => {
    taken += 1;
    if (stays) staying += 1;
    let isOver = false;
    const giveBack = (): boolean => {
      if (isOver) return false;
      isOver = true;
      taken -= 1;
      if (stays) staying -= 1;
      return true;
    };
    return {
      opened: () => limit.wasEnough(),
      refused: () => {
        giveBack();
        ended = ended.filter((at) => now() - at < lingering);
        const others = taken + ended.length;
        limit.learn(others);
        admitNext();
        return others;
      },
      leave: () => {
        if (!giveBack()) return;
        ended = [...ended.filter((at) => now() - at < lingering), now()];
        admitNext();
      },
    };
  };

  const wait = (options: EnterOptions): Promise<SessionSlot> =>
    new Promise((resolve, reject) => {
      const { signal, slot, again = false } = options;
      const stop = whenAborted(signal, () => {
        waiting = waiting.filter((other) => other !== one);
        one.refuse(new Cancelled());
        admitNext();
      });
      const one: Waiting = {
        options,
        admit: () => {
          stop();
          resolve(take(slot === "stays"));
        },
        refuse: (error) => {
          stop();
          reject(error);
        },
      };
      if (again || slot === "stays") waiting.unshift(one);
      else waiting.push(one);
      admitNext();
    });

  return {
    enter: async (options = {}) => {
      if (options.signal?.aborted) throw new Cancelled();
      const isTaken = taken >= limit.value || waiting.length > 0;
      if (isHopeless(options) || (options.slot === "now" && isTaken)) throw full();
      return wait(options);
    },
  };
}

/** @returns what stops listening. */
function whenAborted(signal: AbortSignal | undefined, onAbort: () => void): () => void {
  signal?.addEventListener("abort", onAbort, { once: true });
  return () => signal?.removeEventListener("abort", onAbort);
}
