import * as z from "zod";
import { isProcessAlive } from "../common/isProcessAlive.js";
import type { Logger } from "../common/logger.js";
import { readFileIfPresent, updateSharedFile } from "../common/sharedFile.js";

/** What this machine remembers of a session, so that it is found again after a reload. Nothing secret. */
export interface StoredSession {
  readonly id: string;
  readonly connectionId: string;
  readonly target: {
    readonly host: string;
    readonly user?: string | undefined;
    readonly port?: number | undefined;
  };
  readonly remotePort: number;
  readonly localPort: number;
  readonly python: string;
  readonly environmentName: string;
  readonly environmentKind: string;
  readonly root: string;
  readonly startedAt: number;
  readonly kept: boolean;
  /** It was to be stopped while its host could not be reached: to be done at the next visit. */
  readonly stopWanted: boolean;
  /** The processes that look after it: the extension hosts of windows. */
  readonly owners: readonly number[];
}

const stored = z.object({
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
  kept: z.boolean(),
  stopWanted: z.boolean(),
  owners: z.array(z.number().int()),
});

/** A file of the data folder that several windows share. */
export interface SessionStore {
  list(): Promise<readonly StoredSession[]>;
  /** Adds, or replaces the one with the same id. This program looks after it from now on, beside others that do. */
  save(session: Omit<StoredSession, "owners">): Promise<void>;
  /** This program looks after it no longer. */
  release(id: string): Promise<void>;
  /** Whether another program that lives looks after it. */
  isElsewhere(session: StoredSession): boolean;
  remove(id: string): Promise<void>;
}

/**
 * @param file absolute path; made with mode 0600 at the first save. A damaged file is as good as none.
 * @param self the process that looks after what is saved: this one.
 */
export function createSessionStore(file: string, logger: Logger, self = process.pid): SessionStore {
  const read = (bytes: Buffer | undefined): StoredSession[] => {
    try {
      return z.array(stored).parse(JSON.parse(bytes?.toString("utf8") ?? "[]"));
    } catch {
      logger.warn(`${file} is not readable and is written anew`);
      return [];
    }
  };
  // One after the other: the state at the end must be the last one that was meant.
  let last: Promise<unknown> = Promise.resolve();
  const update = (change: (all: StoredSession[]) => StoredSession[]): Promise<void> => {
    const work = last.then(() =>
      updateSharedFile(file, (bytes) =>
        Buffer.from(`${JSON.stringify(change(read(bytes)), undefined, 2)}\n`),
      ),
    );
    // A full disk must not end a session: it is only not found again after a reload.
    last = work.catch((error: unknown) => logger.warn(`${file}: ${String(error)}`));
    return last as Promise<void>;
  };
  const othersOf = (session: StoredSession | undefined): number[] =>
    (session?.owners ?? []).filter((pid) => pid !== self && isProcessAlive(pid));
  return {
    list: async () => {
      await last;
      return read(await readFileIfPresent(file).catch(() => undefined));
    },
    save: (session) =>
      update((all) => {
        const before = all.find(({ id }) => id === session.id);
        // Another window may have been told to keep it.
        const kept = session.kept || before?.kept === true;
        const owners = [...othersOf(before), self];
        return [...all.filter(({ id }) => id !== session.id), { ...session, kept, owners }];
      }),
    release: (id) =>
      update((all) => all.map((one) => (one.id === id ? { ...one, owners: othersOf(one) } : one))),
    isElsewhere: (session) => othersOf(session).length > 0,
    remove: (id) =>
      update((all) => (all.some((one) => one.id === id) ? all.filter((one) => one.id !== id) : all)),
  };
}
