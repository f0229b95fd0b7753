import * as z from "zod";
import { createSerialQueue } from "../../common/async/serialQueue.js";
import { isProcessAlive } from "../../common/files/localProcess.js";
import { describeProcess, type LockHolder, stateOf, thisProcess } from "../../common/files/lockHolder.js";
import type { Logger } from "../../common/logger.js";
import { type Machine } from "./machine.js";
import { readFileIfPresent, updateSharedFile } from "../../common/files/sharedFile.js";

/** Earlier versions, which another window may still run, reject a session without a port. */
export const noPort = 1;

/** What this machine remembers of a session, so that it is found again after a reload. Nothing secret. */
export interface StoredSession {
  readonly id: string;
  readonly connectionId: string;
  readonly target: {
    readonly host: string;
    readonly user?: string | undefined;
    readonly port?: number | undefined;
  };
  /** {@link noPort} where it listens on a socket. Where it is found, its host says. */
  readonly remotePort: number;
  readonly localPort: number;
  readonly python: string;
  readonly environmentName: string;
  readonly environmentKind: string;
  readonly root: string;
  readonly startedAt: number;
  /** Where its viewer is, where that is known. */
  readonly machine?: Machine | undefined;
  readonly kept: boolean;
  /** A client of the REST API or of the terminal started it, and leads programs to its address. */
  readonly openToPrograms?: boolean | undefined;
  /** A stop is pending: its host could not be reached. */
  readonly stopWanted: boolean;
  /** The processes that look after it: the extension hosts of windows. */
  readonly owners: readonly number[];
  /** The same ones, told from later processes with their numbers. Older programs write numbers only. */
  readonly ownerProcesses: readonly LockHolder[];
}

const ownerProcess = z.object({
  pid: z.number().int(),
  started: z.string(),
  host: z.string(),
  machine: z.string(),
  boot: z.string(),
  pids: z.string(),
});

// What a later version adds is kept.
const stored = z.looseObject({
  id: z.string().regex(/^[0-9a-f]{8}$/),
  connectionId: z.string(),
  target: z.object({
    host: z.string().min(1),
    user: z.string().optional(),
    port: z.number().int().min(1).max(65535).optional(),
  }),
  remotePort: z.number().int().min(1).max(65535),
  localPort: z.number().int().min(1).max(65535),
  python: z.string(),
  environmentName: z.string(),
  environmentKind: z.string(),
  root: z.string(),
  startedAt: z.number(),
  machine: z.string().optional(),
  kept: z.boolean(),
  openToPrograms: z.boolean().optional(),
  stopWanted: z.boolean(),
  owners: z.array(z.number().int()),
  ownerProcesses: z.array(ownerProcess).default([]),
});

/** A file of the data folder that several windows share. */
export interface SessionStore {
  list(): Promise<readonly StoredSession[]>;
  /**
   * Adds, or replaces the one with the same id, which stays kept or not as it was. This program looks after it from now on,
   * beside others that do.
   */
  save(session: Omit<StoredSession, "owners" | "ownerProcesses">): Promise<void>;
  /** It is to be kept without a client, or no longer. */
  keep(id: string, kept: boolean): Promise<void>;
  /** This program looks after it no longer. */
  release(id: string): Promise<void>;
  /** Whether another program that lives looks after it. */
  isElsewhere(session: StoredSession): Promise<boolean>;
  /** Marks a pending stop, for whichever window next reaches its host. */
  wantStop(id: string): Promise<void>;
  remove(id: string): Promise<void>;
  /** Resolves when everything asked for until now is on the disk, or could not be written. */
  settled(): Promise<void>;
}

/**
 * @param file absolute path; made with mode 0600 at the first save. A damaged file is as good as none. What a later version
 * wrote, and this one does not understand, stays as it is.
 * @param self the process that looks after what is saved: this one.
 */
export function createSessionStore(file: string, logger: Logger, self = process.pid): SessionStore {
  const read = (bytes: Buffer | undefined): { known: StoredSession[]; others: unknown[] } => {
    const all = parseList(file, bytes, logger);
    const [known, others]: [StoredSession[], unknown[]] = [[], []];
    for (const entry of all) {
      const { data } = stored.safeParse(entry);
      if (data) known.push(data);
      else others.push(entry);
    }
    if (others.length > 0) logger.warn(`${file}: ${others.length} entries are not understood, and are kept`);
    return { known, others };
  };
  const myself = self === process.pid ? thisProcess() : describeProcess(self);
  // One after the other: the state at the end must be the last one that was meant.
  const updates = createSerialQueue();
  const update = (
    change: (all: StoredSession[]) => StoredSession[] | Promise<StoredSession[]>,
  ): Promise<void> =>
    updates
      .add(() =>
        updateSharedFile(file, async (bytes) => {
          const { known, others } = read(bytes);
          return Buffer.from(`${JSON.stringify([...others, ...(await change(known))], undefined, 2)}\n`);
        }),
      )
      // A full disk must not end a session: it is merely not restored after a reload.
      .catch((error: unknown) => logger.warn(`${file}: ${String(error)}`));
  return {
    list: async () => {
      await updates.settled();
      const bytes = await readFileIfPresent(file).catch(() => undefined);
      try {
        return read(bytes).known;
      } catch (error) {
        logger.warn(String(error));
        return [];
      }
    },
    save: (session) =>
      update(async (all) => {
        const before = all.find(({ id }) => id === session.id);
        // Another window may have been told otherwise.
        const kept = before?.kept ?? session.kept;
        const others = await othersOf(before, self);
        const ownerProcesses = [...others.ownerProcesses, await myself];
        const saved = { ...session, kept, owners: [...others.owners, self], ownerProcesses };
        return [...all.filter(({ id }) => id !== session.id), saved];
      }),
    keep: (id, kept) => update((all) => all.map((one) => (one.id === id ? { ...one, kept } : one))),
    release: (id) =>
      update((all) =>
        Promise.all(
          all.map(async (one) => (one.id === id ? { ...one, ...(await othersOf(one, self)) } : one)),
        ),
      ),
    isElsewhere: async (session) => (await othersOf(session, self)).owners.length > 0,
    wantStop: (id) => update((all) => all.map((one) => (one.id === id ? { ...one, stopWanted: true } : one))),
    remove: (id) =>
      update((all) => (all.some((one) => one.id === id) ? all.filter((one) => one.id !== id) : all)),
    settled: () => updates.settled(),
  };
}

/** The owners that live and are not this process. */
async function othersOf(
  session: StoredSession | undefined,
  self: number,
): Promise<Pick<StoredSession, "owners" | "ownerProcesses">> {
  const here = await thisProcess();
  const owners: number[] = [];
  const ownerProcesses: LockHolder[] = [];
  for (const pid of session?.owners ?? []) {
    const owner = session?.ownerProcesses.find((one) => one.pid === pid);
    // Pids are reused, and a process on another machine cannot be checked from here.
    const lives = owner ? (await stateOf(owner, here)) !== "dead" : isProcessAlive(pid);
    if (pid === self || !lives) continue;
    owners.push(pid);
    if (owner) ownerProcesses.push(owner);
  }
  return { owners, ownerProcesses };
}

/** @throws Error when a later version keeps something else than a list there: that is not overwritten. */
function parseList(file: string, bytes: Buffer | undefined, logger: Logger): unknown[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(bytes?.toString("utf8") ?? "[]");
  } catch {
    logger.warn(`${file} is not readable and is written anew`);
    return [];
  }
  if (!Array.isArray(parsed)) throw new Error(`${file} is not understood, and is kept as it is`);
  return parsed;
}
