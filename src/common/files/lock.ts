import { randomBytes } from "node:crypto";
import { pause } from "../async/pause.js";
import { createSerialQueue } from "../async/serialQueue.js";
import { throwIfCancelled } from "../failure.js";
import { createJudge, type Judge, type LockTimes, usualTimes } from "./lockJudge.js";
import {
  createLock,
  type FoundLock,
  type LockRecord,
  type MakeLink,
  readLock,
  standsInLock,
  touchLock,
} from "./lockFile.js";
import { stateOf, thisProcess } from "./lockHolder.js";
import { sweep } from "./lockLitter.js";
import { removeFile, renameOver } from "./replaceFile.js";

/*
 * How one of many processes gets the lock, with nothing but files.
 *
 * The lock is a file that names its holder and a random token. Who finds none makes it, which only one can. Who finds one
 * whose holder is dead does not touch it: it makes the file `<lock>.<token of the dead>` with its own name in it, its
 * claim. Only one can make that either. Then it reads the lock again, and only if the dead one's token still stands there
 * it renames its claim over the lock. A claimant that dies first is succeeded in the same way, by a claim on its token.
 *
 * Why no two hold it at once: a token never comes again, so neither does a lock once it was replaced or removed. A lock
 * whose holder is dead is replaced by the end of the claims on it and by nobody else, since each claim is removed by
 * nobody but its maker until the lock has been replaced; and the lock of one that lives is removed by that one alone. So
 * whoever makes a claim and then still finds the dead one's token made the only claim there is. A claim made too late, by
 * one that had read the lock before it was replaced, finds another token or none, and is given up.
 */

/** An exclusive lock on a folder or file, across processes and windows. */
export interface Lock {
  /** 24 hexadecimal digits, others each time: for the names of files that only this holder may write. */
  readonly token: string;
  /** The tokens of those that died holding it, since it was last released: whose half-done work may lie about. */
  readonly predecessors: readonly string[];
  /**
   * Those of them that may live after all: they run where nobody could ask, and gave no sign of life for too long. What
   * they had open when they held it they may still write to.
   */
  readonly presumedDead: readonly string[];
  /** False once another program took it: one of another machine, to which we gave no sign of life for too long. */
  stillHeld(): Promise<boolean>;
  /**
   * To be called right before each step that others see. While it is held, nothing else of this program runs in between.
   * @throws LockLost
   */
  assertHeld(): Promise<void>;
  /** Never rejects. Idempotent. */
  release(): Promise<void>;
}

export interface LockOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds to wait for it; default: for as long as it takes. */
  readonly patience?: number;
  readonly times?: LockTimes;
  readonly makeLink?: MakeLink;
}

/**
 * Milliseconds between two tries, random up to this: short enough to get in between two turns of one that takes it again
 * and again. Who has waited for long waits for one that keeps it.
 */
const usualPoll = 20;
const patientPoll = 250;
const longWait = 60_000;

/**
 * Waits for the lock. It is never taken from a process of this machine that lives, stopped or not; from one that is dead
 * it is taken at once. A holder that cannot be asked, on another machine that shares the disk, is taken for dead when it
 * gave no sign of life for half a minute.
 * @param path absolute path of the lock's file, in an existing folder.
 * @throws Cancelled; LockBusy when patience ends.
 */
export async function acquireLock(path: string, options: LockOptions = {}): Promise<Lock> {
  const { signal, patience = Infinity, times = usualTimes, makeLink } = options;
  const record: LockRecord = { token: randomBytes(12).toString("hex"), ...(await thisProcess()) };
  const make = (file: string): Promise<boolean> => createLock(file, record, makeLink);
  const judge = createJudge(path, record, times);
  const began = performance.now();
  for (;;) {
    throwIfCancelled(signal);
    const dead = await tryToTake(path, record.token, make, judge);
    if (dead) return hold(path, record.token, await certaintyOf(dead, record), times);
    const waited = performance.now() - began;
    if (waited > patience) throw new LockBusy(path);
    await pause(Math.random() * (waited < longWait ? usualPoll : patientPoll), signal);
  }
}

/** Another program held the lock for longer than one wanted to wait. */
export class LockBusy extends Error {
  override readonly name = "LockBusy";

  constructor(path: string) {
    super(`${path} is held by another program`);
  }
}

/** Another program took the lock that we held. */
export class LockLost extends Error {
  override readonly name = "LockLost";

  constructor(path: string) {
    super(`${path} was taken by another program`);
  }
}

/** @returns those that died with it; undefined when somebody holds it. */
async function tryToTake(
  path: string,
  token: string,
  make: (file: string) => Promise<boolean>,
  isAbandoned: Judge,
): Promise<readonly FoundLock[] | undefined> {
  const chain = await readChain(path);
  const end = chain.at(-1);
  if (!end) return (await make(path)) ? [] : undefined;
  // A network disk may say that a file could not be made which it has made.
  if (end.token === token) return succeed(path, token, chain.slice(0, -1));
  if (!(await isAbandoned(end))) return undefined;
  if (!(await make(claimOn(path, end.token)))) return undefined;
  return succeed(path, token, chain);
}

/** Puts our claim on the last of the dead in the place of the lock, unless it came too late. */
async function succeed(
  path: string,
  token: string,
  dead: readonly FoundLock[],
): Promise<readonly FoundLock[] | undefined> {
  const tokens = dead.map((one) => one.token);
  const last = tokens.at(-1);
  if (last === undefined) return [];
  const claim = claimOn(path, last);
  try {
    const found = (await readChain(path)).map((one) => one.token);
    if (found.join() !== [...tokens, token].join()) {
      await removeFile(claim);
      return undefined;
    }
    await renameOver(claim, path);
  } catch (error) {
    if ((await readLock(path))?.token !== token) {
      await removeFile(claim);
      throw error;
    }
  }
  for (const earlier of tokens.slice(0, -1)) await removeFile(claimOn(path, earlier));
  await sweep(path, token);
  return dead;
}

type Predecessors = Pick<Lock, "predecessors" | "presumedDead">;

async function certaintyOf(dead: readonly FoundLock[], here: LockRecord): Promise<Predecessors> {
  const presumedDead: string[] = [];
  for (const { token, holder } of dead) {
    if (!holder || (await stateOf(holder, here)) !== "dead") presumedDead.push(token);
  }
  return { predecessors: dead.map(({ token }) => token), presumedDead };
}

/** The lock, the claim on its token, the claim on that one's, … */
async function readChain(path: string): Promise<readonly FoundLock[]> {
  const chain: FoundLock[] = [];
  for (let found = await readLock(path); found; found = await readLock(claimOn(path, found.token))) {
    const { token } = found;
    if (chain.some((one) => one.token === token)) throw new Error(`${path} leads to itself`);
    chain.push(found);
  }
  return chain;
}

function claimOn(path: string, token: string): string {
  return `${path}.${token}`;
}

function hold(path: string, token: string, predecessors: Predecessors, times: LockTimes): Lock {
  const beats = createSerialQueue();
  const stillHeld = async (): Promise<boolean> => (await readLock(path))?.token === token;
  const beat = async (): Promise<void> => {
    if (await stillHeld()) await touchLock(path);
  };
  const timer = setInterval(() => {
    if (beats.isIdle) void beats.add(beat).catch(() => undefined);
  }, times.heartbeat).unref();
  const letGo = async (): Promise<void> => {
    if (await stillHeld()) await removeFile(path);
    clearInterval(later);
  };
  let later: NodeJS.Timeout | undefined;
  return {
    token,
    ...predecessors,
    stillHeld,
    assertHeld: async () => {
      if (!standsInLock(path, token) && !(await stillHeld())) throw new LockLost(path);
    },
    release: async () => {
      clearInterval(timer);
      await beats.settled();
      await letGo().catch(() => {
        // The file cannot be removed. While we live, nobody else would remove it.
        later ??= setInterval(() => void letGo().catch(() => undefined), times.heartbeat).unref();
      });
    },
  };
}
