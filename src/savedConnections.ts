import * as z from "zod";
import { Emitter, type Event } from "./common/async/event.js";
import type { Logger } from "./common/logger.js";
import { readFileIfPresent, updateSharedFile } from "./common/files/sharedFile.js";
import type { Target } from "./ssh/model/target.js";

/** A connection that a person keeps. No secrets: those stay in the secret store, under the id. */
export interface SavedConnection {
  readonly id: string;
  /** What the trees show; the alias or `user@host` unless the person chose another. */
  readonly name: string;
  readonly target: Target;
  /** A private key file chosen for this connection, beyond what `~/.ssh/config` says. */
  readonly identityFile?: string | undefined;
  /** Last used interpreter, offered first next time. */
  readonly python?: string | undefined;
  /** Last used storage root. */
  readonly root?: string | undefined;
  /** Milliseconds since the epoch: when a viewer was last opened on it. */
  readonly openedAt?: number | undefined;
  /** The names under which the secret store keeps passwords that were asked for on the way there. */
  readonly passwords?: readonly string[] | undefined;
}

/** Those whose viewer was opened last come first, those never opened last, in the order in which they were saved. */
export function byRecent(connections: readonly SavedConnection[]): SavedConnection[] {
  return [...connections].sort((a, b) => (b.openedAt ?? 0) - (a.openedAt ?? 0));
}

/** The saved connections, in a file of the data folder that several windows and programs share. */
export interface SavedConnections {
  readonly onDidChange: Event<void>;
  list(): Promise<readonly SavedConnection[]>;
  get(id: string): Promise<SavedConnection | undefined>;
  /** Adds, or replaces the one with the same id. */
  save(connection: SavedConnection): Promise<void>;
  /**
   * Changes one as it is at this moment, so that nothing is brought back that was forgotten meanwhile.
   * @param change gets undefined where it is not kept; the same, or undefined, leaves it as it is.
   */
  change(
    id: string,
    change: (now: SavedConnection | undefined) => SavedConnection | undefined,
  ): Promise<void>;
  remove(id: string): Promise<void>;
}

/** How an entry is written, here and in files that are exchanged. */
export const savedConnection = z.looseObject({
  id: z.string().min(1),
  name: z.string(),
  target: z.looseObject({
    host: z.string().min(1),
    user: z.string().optional(),
    port: z.number().int().min(1).max(65535).optional(),
  }),
  identityFile: z.string().optional(),
  python: z.string().optional(),
  root: z.string().optional(),
  openedAt: z.number().optional(),
  passwords: z.array(z.string()).optional(),
});

/**
 * @param file absolute path; made with mode 0600 at the first save.
 * @param written fires when the file may have been written by another program.
 */
export function createSavedConnections(
  file: string,
  logger: Logger,
  written?: Event<void>,
): SavedConnections {
  const changed = new Emitter<void>();
  written?.(() => changed.fire());

  /** What a newer version or a person wrote and we cannot read is kept in the file, and not shown. */
  const read = (bytes: Buffer | undefined): { shown: SavedConnection[]; all: unknown[] } => {
    const all = bytes === undefined ? [] : parseArray(bytes);
    const shown = all.flatMap((entry) => {
      const { success, data } = savedConnection.safeParse(entry);
      return success ? [data] : [];
    });
    if (shown.length < all.length)
      logger.warn(`${file}: ${all.length - shown.length} entries are not readable`);
    return { shown, all };
  };

  const list = async (): Promise<readonly SavedConnection[]> => read(await readFileIfPresent(file)).shown;

  const update = async (
    change: (all: unknown[], shown: readonly SavedConnection[]) => unknown[],
  ): Promise<void> => {
    let isChanged = true;
    await updateSharedFile(file, (bytes) => {
      const { all, shown } = read(bytes);
      const after = change(all, shown);
      isChanged = after !== all;
      return isChanged ? Buffer.from(`${JSON.stringify(after, undefined, 2)}\n`) : undefined;
    });
    if (isChanged) changed.fire();
  };

  return {
    onDidChange: changed.event,
    list,
    get: async (id) => (await list()).find((connection) => connection.id === id),
    save: (connection) => update((all) => withOne(all, connection)),
    change: (id, change) =>
      update((all, shown) => {
        const now = shown.find((one) => one.id === id);
        const after = change(now);
        return after === undefined || after === now ? all : withOne(all, after);
      }),
    remove: (id) => update((all) => all.filter((entry) => idOf(entry) !== id)),
  };
}

function withOne(all: unknown[], connection: SavedConnection): unknown[] {
  const index = all.findIndex((entry) => idOf(entry) === connection.id);
  return index < 0 ? [...all, connection] : all.with(index, connection);
}

/** @throws SyntaxError or TypeError: a file that is no array is not overwritten. */
function parseArray(bytes: Buffer): unknown[] {
  const parsed: unknown = JSON.parse(bytes.toString("utf8"));
  if (!Array.isArray(parsed)) throw new TypeError("the saved connections are not a list");
  return parsed;
}

function idOf(entry: unknown): unknown {
  return typeof entry === "object" && entry !== null && "id" in entry ? entry.id : undefined;
}
