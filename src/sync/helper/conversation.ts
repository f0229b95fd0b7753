import { Cancelled, Failure } from "../../common/failure.js";
import { asciiJson } from "../../common/text/json.js";
import type { RemoteProcess } from "../../ssh/model/connection.js";
import type { SyncFailure } from "../failures.js";
import { factsIn, type Take } from "./answers.js";
import { type HelperFrame } from "./helperFrames.js";
import { NotReadable } from "../remote/notReadable.js";
import { Silent } from "./silence.js";

/** A program of ours that stays on the host and answers. */
export interface Helper {
  readonly process: RemoteProcess;
  /** @throws Failure when nothing more comes. */
  readonly next: () => Promise<HelperFrame>;
}

/** Many requests to one helper, answered at the same time. */
export interface Conversation {
  /** Whether it can be asked nothing more. */
  readonly isOver: boolean;
  /** Hands every frame of the answer to `take`, and reads no other meanwhile. @throws Failure, Cancelled, or what `take` throws. */
  ask(request: Readonly<Record<string, unknown>>, take: Take, signal: AbortSignal | undefined): Promise<void>;
  /** Ends the helper; whoever waits for an answer gets Cancelled. */
  end(): void;
}

/** One request that is not answered yet. */
interface Asked {
  readonly take: Take;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  /** By the clock of the conversation. */
  heardAt: number;
  /** What it was handed and has not dealt with yet. */
  taking: Promise<void>;
}

/**
 * @param host as a person knows it.
 * @param limit milliseconds without a word on a request, while others are answered, after which the helper is given up.
 */
export function converse({ process, next }: Helper, host: string, limit: number): Conversation {
  const asked = new Map<number, Asked>();
  let lastId = 0;
  let isOver = false;
  let isReading = false;
  const listening = createListeningClock(limit / 5);

  const say = (request: Readonly<Record<string, unknown>>): void => {
    process.stdin.write(`${asciiJson(request)}\n`);
  };

  /** Reject the request once nothing runs for it any more. */
  const fail = ({ taking, reject }: Asked, error: unknown): void => {
    void taking.catch(() => undefined).then(() => reject(error));
  };

  const end = (error: unknown): void => {
    isOver = true;
    process.kill();
    const failed = [...asked.values()];
    asked.clear();
    for (const one of failed) fail(one, error);
  };

  /** Discards the rest of this answer; others continue. */
  const leave = (id: number, error: unknown): void => {
    const one = asked.get(id);
    if (!one) return;
    asked.delete(id);
    say({ op: "cancel", id });
    fail(one, error);
  };

  const readOne = async (): Promise<void> => {
    const frame = await next();
    if (frame.id > lastId) throw new NotReadable();
    const one = asked.get(frame.id);
    listening.goOn();
    // What was left may still be on its way.
    if (one) {
      one.heardAt = listening.time;
      const said = factsIn(frame);
      try {
        one.taking = Promise.resolve(one.take(frame, said));
        await one.taking;
      } catch (error) {
        if (error instanceof NotReadable) throw error;
        leave(frame.id, error);
      }
      if (said.end && asked.delete(frame.id)) one.resolve();
    }
    for (const { heardAt } of asked.values()) if (listening.time - heardAt > limit) throw new Silent(limit);
  };

  const read = async (): Promise<void> => {
    if (isReading) return;
    isReading = true;
    try {
      while (asked.size > 0) await readOne();
    } catch (error) {
      end(helperFailureOr(error, host));
    } finally {
      isReading = false;
    }
  };

  return {
    get isOver() {
      return isOver;
    },
    ask: async (request, take, signal) => {
      if (signal?.aborted) throw new Cancelled();
      const id = (lastId += 1);
      const onAbort = (): void => leave(id, new Cancelled());
      signal?.addEventListener("abort", onAbort, { once: true });
      try {
        await new Promise<void>((resolve, reject) => {
          asked.set(id, { take, resolve, reject, heardAt: listening.time, taking: Promise.resolve() });
          say({ ...request, id });
          void read();
        });
      } finally {
        signal?.removeEventListener("abort", onAbort);
      }
    },
    end: () => end(new Cancelled()),
  };
}

/** Counts the time of listening. While nothing at all comes this machine may have slept: more than this is not counted. */
function createListeningClock(longestPause: number) {
  let [time, heardAt] = [0, performance.now()];
  return {
    /** Milliseconds. */
    get time() {
      return time;
    },
    /** To be called whenever something came. */
    goOn: () => {
      const now = performance.now();
      time += Math.min(now - heardAt, longestPause);
      heardAt = now;
    },
  };
}

/** The failure for a helper that says nothing, or what no helper says; any other error as it is. */
export function helperFailureOr(error: unknown, host: string): unknown {
  if (!(error instanceof NotReadable) && !(error instanceof Silent)) return error;
  const detail: SyncFailure = { code: "sync-helper-failed", host, output: error.message };
  return new Failure(detail, { cause: error });
}
