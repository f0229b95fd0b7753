import { Cancelled, orCancelled } from "../../common/failure.js";
import { acquireLock, type Lock, LockLost } from "../../common/files/lock.js";
import type { LockTimes } from "../../common/files/lockJudge.js";

/** What a step that other programs see is taken with. */
export interface WriteRight {
  /** 24 hexadecimal digits: for the names of files that only this holder writes. */
  readonly token: string;
  /** To be called right before the step. @throws LockLost when another program has the right by now, or nobody here. */
  check(): Promise<void>;
}

/** Who writes to a copy: one program at a time, in which several things may go on at once. */
export interface WriteTurns {
  readonly right: WriteRight;
  /** Whether somebody here writes, or is about to. */
  readonly isBusy: boolean;
  /**
   * Runs `work` in a turn. When another program took the right meanwhile, begins again as soon as it is back; what
   * else was under way here ends first.
   * @throws Cancelled while it waits.
   */
  run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}

/** From the first that asks for the lock to the last that is done. */
interface Turn {
  users: number;
  lock: Lock | undefined;
  /** Settles when it is known whether the lock was acquired: also for one whom nobody waits for any longer. */
  acquired: Promise<Lock | undefined>;
  isLost: boolean;
  /** Settles when the lock is held and everything prepared. */
  ready: Promise<void>;
  readonly ended: Promise<void>;
  readonly end: () => void;
}

/** Whatever else failed may be its successor's doing: the files that it staged are gone, for example. */
async function wasLost({ lock }: Turn, error: unknown): Promise<boolean> {
  if (error instanceof LockLost) return true;
  if (!lock || error instanceof Cancelled) return false;
  return !(await lock.stillHeld().catch(() => true));
}

/**
 * @param path the lock's file.
 * @param prepare runs whenever the right was acquired, before anybody writes.
 */
export function createWriteTurns(
  path: string,
  prepare: (lock: Lock) => Promise<void>,
  times?: LockTimes,
): WriteTurns {
  let turn: Turn | undefined;

  const begin = (signal: AbortSignal | undefined): Turn => {
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const acquiring = acquireLock(path, { signal, ...(times && { times }) });
    const acquired = acquiring.catch(() => undefined);
    const begun: Turn = { users: 0, lock: undefined, acquired, isLost: false, ready: ended, ended, end };
    begun.ready = acquiring.then((lock) => {
      begun.lock = lock;
      if (begun.users === 0) throw new Cancelled();
      return prepare(lock);
    });
    // Whoever waits hears of it.
    begun.ready.catch(() => undefined);
    return begun;
  };

  const enter = async (signal: AbortSignal | undefined): Promise<Turn> => {
    while (turn?.isLost) await orCancelled(turn.ended, signal);
    turn ??= begin(signal);
    turn.users += 1;
    return turn;
  };

  const leave = async (mine: Turn): Promise<void> => {
    mine.users -= 1;
    if (mine.users > 0) return;
    if (turn === mine) turn = undefined;
    mine.end();
    await (await mine.acquired)?.release();
  };

  return {
    right: {
      get token() {
        return turn?.lock?.token ?? "";
      },
      check: async () => {
        const mine = turn;
        if (!mine?.lock || mine.isLost) throw new LockLost(path);
        await mine.lock.assertHeld().catch((error: unknown) => {
          mine.isLost = true;
          throw error;
        });
      },
    },
    get isBusy() {
      return turn !== undefined;
    },
    run: async (work, signal) => {
      for (;;) {
        const mine = await enter(signal);
        try {
          await orCancelled(mine.ready, signal);
          return await work();
        } catch (error) {
          // Whoever asked for the lock first gave up; the others have not.
          const isOthers = error instanceof Cancelled && !mine.lock && !signal?.aborted;
          if (await wasLost(mine, error)) mine.isLost = true;
          else if (!isOthers) throw error;
        } finally {
          await leave(mine);
        }
      }
    },
  };
}
