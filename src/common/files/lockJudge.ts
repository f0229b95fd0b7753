import { fileSystemNow, type FoundLock, type LockRecord } from "./lockFile.js";
import { stateOf } from "./lockHolder.js";
import { processAge } from "./localProcess.js";

/** Milliseconds. */
export interface LockTimes {
  /** Between two signs of life of a holder. */
  readonly heartbeat: number;
  /** Without one, after which a holder that cannot be asked is taken for dead. */
  readonly staleAge: number;
  /** For which we must have seen for ourselves that none came: a clock may have been set, a machine have slept. */
  readonly watch: number;
}

export const usualTimes: LockTimes = { heartbeat: 2_000, staleAge: 30_000, watch: 4_500 };

/** Of the time between two looks, what counts at most: the rest this machine may have slept. */
const longestStep = 1_000;
/** By how much a process must be younger than the last sign of life to be another one: ages come in whole seconds. */
const ageMargin = 3_000;

/** Whether whoever holds the lock is dead. To be asked again and again while one waits. */
export type Judge = (found: FoundLock) => Promise<boolean>;

/** @param path the lock's file. @param self who wants it. */
export function createJudge(
  path: string,
  self: LockRecord,
  times: LockTimes,
  ageOfProcess = processAge,
): Judge {
  const silenceOf = createSilence();
  let nextLook = times.watch;

  /** Milliseconds since the last sign of life; undefined where it is too early to tell. */
  const ageOf = async ({ token, changedAt }: FoundLock): Promise<number | undefined> => {
    const silence = silenceOf(`${token} ${changedAt}`);
    if (silence === 0) nextLook = times.watch;
    if (silence < nextLook) return undefined;
    nextLook = silence + times.watch;
    if (silence >= times.staleAge) return silence;
    const age = (await fileSystemNow(path, self.token)) - changedAt;
    return age >= times.staleAge ? age : undefined;
  };

  return async (found) => {
    const state = found.holder ? await stateOf(found.holder, self) : "unknown";
    if (state === "alive" || state === "dead") return state === "dead";
    const age = await ageOf(found);
    if (age === undefined || state === "unknown" || !found.holder) return age !== undefined;
    // The process that has the holder's number now is another one if it began after the last sign of life.
    const lifetime = await ageOfProcess(found.holder.pid);
    return lifetime !== undefined && lifetime + ageMargin < age;
  };
}

/** Tells for how many milliseconds it has been given the same word, without those in which nobody looked. */
function createSilence(): (sign: string) => number {
  let last: { readonly sign: string; readonly at: number; readonly silence: number } | undefined;
  return (sign) => {
    const at = performance.now();
    const silence = last?.sign === sign ? last.silence + Math.min(at - last.at, longestStep) : 0;
    last = { sign, at, silence };
    return silence;
  };
}
