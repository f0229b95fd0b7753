import * as z from "zod";
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
  /** The process that looks after it: a window's extension host. */
  readonly owner: number;
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
  owner: z.number().int(),
});

/** A file of the data folder that several windows share. */
export interface SessionStore {
  list(): Promise<readonly StoredSession[]>;
  /** Adds, or replaces the one with the same id. */
  save(session: StoredSession): Promise<void>;
  remove(id: string): Promise<void>;
}

/** @param file absolute path; made with mode 0600 at the first save. A damaged file is as good as none. */
export function createSessionStore(file: string, logger: Logger): SessionStore {
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
  return {
    list: async () => {
      await last;
      return read(await readFileIfPresent(file).catch(() => undefined));
    },
    save: (session) => update((all) => [...all.filter(({ id }) => id !== session.id), session]),
    remove: (id) =>
      update((all) => (all.some((one) => one.id === id) ? all.filter((one) => one.id !== id) : all)),
  };
}
