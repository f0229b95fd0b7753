import * as z from "zod";
import { Emitter, type Event } from "./common/async/event.js";
import type { Logger } from "./common/logger.js";
import { readFileIfPresent, updateSharedFile } from "./common/files/sharedFile.js";
import type { ConnectRequest } from "./ssh/model/connectRequest.js";
import { parseJumpHosts, type Target } from "./ssh/model/target.js";
import { isKeptTarget } from "./ssh/model/thisMachine.js";
import { readWhere, type Where } from "./where.js";

/** A saved connection. Passwords and passphrases are in the secret store. */
export interface SavedConnection {
  readonly id: string;
  /** The displayed name. Default: the alias or `user@host`. */
  readonly name: string;
  readonly target: Target;
  /** A private key file for this connection, in addition to those of `~/.ssh/config`. */
  readonly identityFile?: string | undefined;
  /** Restricts authentication methods. Default: as OpenSSH. */
  readonly authentication?: Authentication | undefined;
  /** The jump hosts, as for `ssh -J`; `none`: a direct connection. Default: from `~/.ssh/config`. */
  readonly jump?: string | undefined;
  /** Last used interpreter, suggested first. */
  readonly python?: string | undefined;
  /** Shell lines to run on the host before a Python starts, one command each. They may contain secrets. */
  readonly lines?: string | undefined;
  /** The same for single environments, by interpreter; they run after those of the host. */
  readonly environmentLines?: Readonly<Record<string, string>> | undefined;
  /** Last used storage root. */
  readonly root?: string | undefined;
  /** Recently used storage roots, last first. */
  readonly roots?: readonly string[] | undefined;
  /** Where to run the viewer on a cluster: the last answer. */
  readonly where?: Where | undefined;
  /** The group in the tree. Default: none. */
  readonly group?: string | undefined;
  /** Its position, lowest first, if the user has arranged connections by hand. */
  readonly order?: number | undefined;
  /** The local port for its viewer. Default: chosen automatically. */
  readonly localPort?: number | undefined;
  /** When a viewer was last opened on it, in milliseconds since the epoch. */
  readonly openedAt?: number | undefined;
  /** Imported from a file, and the user has not confirmed the host yet, which the name may disguise. */
  readonly imported?: boolean | undefined;
  /** Keys in the secret store of passwords for this host and its jump hosts. */
  readonly passwords?: readonly string[] | undefined;
}

/** `key`: only the chosen key file. `password`: password or keyboard-interactive, no keys. */
export type Authentication = (typeof authentications)[number];
const authentications = ["key", "password"] as const;

/**
 * Returns the connect request of a saved connection.
 * @throws Failure `target-invalid` for invalid jump hosts.
 */
export function requestFor({
  target,
  identityFile,
  authentication,
  jump,
}: Pick<SavedConnection, "target" | "identityFile" | "authentication" | "jump">): ConnectRequest {
  const usesKey = identityFile !== undefined && authentication !== "password";
  const credentials = {
    ...(usesKey && { identityFiles: [identityFile] }),
    ...(authentication !== undefined && { onlyGiven: true }),
  };
  return { target, credentials, ...(jump !== undefined && { jump: parseJumpHosts(jump) }) };
}

/** Sorts by the time a viewer was last opened, latest first. Those never opened come last, in the order of saving. */
export function byRecent(connections: readonly SavedConnection[]): SavedConnection[] {
  return [...connections].sort((a, b) => (b.openedAt ?? 0) - (a.openedAt ?? 0));
}

/** Returns the settings to copy to a duplicate or an imported connection: authentication, and what to open. */
export function carriedOver({
  identityFile,
  authentication,
  jump,
  python,
  root,
  group,
}: SavedConnection): Partial<SavedConnection> {
  return {
    ...(identityFile !== undefined && { identityFile }),
    ...(authentication !== undefined && { authentication }),
    ...(jump !== undefined && { jump }),
    ...(python !== undefined && { python }),
    ...(root !== undefined && { root }),
    ...(group !== undefined && { group }),
  };
}

/** Maximum number of recent storage roots. */
const mostRoots = 8;

/** Returns the recently used storage roots, last first. @param now the current one. */
export function recentRoots({ root, roots = [] }: SavedConnection, now = root): readonly string[] {
  const all = [now, root, ...roots].filter((one) => one !== undefined);
  return [...new Set(all)].slice(0, mostRoots);
}

/** The saved connections, in a file that all windows and processes share. */
export interface SavedConnections {
  readonly onDidChange: Event<void>;
  /** Unchanged entries are the same objects as last time. */
  list(): Promise<readonly SavedConnection[]>;
  get(id: string): Promise<SavedConnection | undefined>;
  /** Adds, or replaces the one with the same id. */
  save(connection: SavedConnection): Promise<void>;
  /**
   * Changes a connection atomically (read-modify-write), so that one removed meanwhile does not come back.
   * @param change gets the current entry, undefined if there is none, and all entries. Returns its replacement, possibly with
   * another id; the same object or undefined changes nothing.
   */
  change(
    id: string,
    change: (
      now: SavedConnection | undefined,
      all: readonly SavedConnection[],
    ) => SavedConnection | undefined,
  ): Promise<void>;
  /**
   * Changes several atomically.
   * @param change gets all entries, and returns replacements for those with the same ids; the same objects change nothing.
   */
  changeAll(change: (all: readonly SavedConnection[]) => readonly SavedConnection[]): Promise<void>;
  /**
   * Adds several atomically. Skips ids that already exist, or occur twice.
   * @returns those that were added.
   */
  addMissing(connections: readonly SavedConnection[]): Promise<readonly SavedConnection[]>;
  /** An unknown id changes nothing. */
  remove(id: string): Promise<void>;
}

/** The schema of an entry, here and in exported files. */
export const savedConnection = z.looseObject({
  id: z.string().min(1),
  name: z.string(),
  target: z
    .looseObject({ host: z.string(), user: z.string().optional(), port: z.number().optional() })
    .refine(isKeptTarget),
  identityFile: z.string().optional(),
  authentication: z.enum(authentications).optional(),
  jump: z.string().optional(),
  python: z.string().optional(),
  lines: z.string().optional().catch(undefined),
  environmentLines: z.record(z.string(), z.string()).optional().catch(undefined),
  root: z.string().optional(),
  // Ignore invalid values of optional fields instead of the whole connection.
  roots: z.array(z.string()).optional().catch(undefined),
  where: z.unknown().transform(readWhere).optional(),
  group: z.string().optional().catch(undefined),
  order: z.number().optional().catch(undefined),
  localPort: z.number().int().min(1).max(65535).optional(),
  openedAt: z.number().optional(),
  imported: z.boolean().optional(),
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

  /** Parsed entries by their JSON text: validating costs more than reading. */
  let known = new Map<string, SavedConnection>();

  /**
   * Entries that we cannot parse, from a newer version or a manual edit, and duplicate ids stay in the file, but are hidden.
   */
  const read = (bytes: Buffer | undefined): Kept => {
    const all = bytes === undefined ? [] : parseArray(bytes);
    const found = new Map<string, SavedConnection>();
    const places = new Map<string, number>();
    const shown = all.flatMap((entry, place) => {
      const text = JSON.stringify(entry);
      const one = known.get(text) ?? savedConnection.safeParse(entry).data;
      if (one) found.set(text, one);
      if (!one || places.has(one.id)) return [];
      places.set(one.id, place);
      return one;
    });
    known = found;
    if (shown.length < all.length)
      logger.warn(`${file}: ${all.length - shown.length} entries are not readable, or repeat an id`);
    return { all, shown, places };
  };

  const list = async (): Promise<readonly SavedConnection[]> => read(await readFileIfPresent(file)).shown;

  const update = async (change: (kept: Kept) => unknown[]): Promise<void> => {
    let isChanged = true;
    await updateSharedFile(file, (bytes) => {
      const kept = read(bytes);
      const after = change(kept);
      isChanged = after !== kept.all;
      return isChanged ? Buffer.from(`${JSON.stringify(after, undefined, 2)}\n`) : undefined;
    });
    if (isChanged) changed.fire();
  };

  return {
    onDidChange: changed.event,
    list,
    get: async (id) => (await list()).find((connection) => connection.id === id),
    save: (connection) => update((kept) => withOne(kept, connection)),
    change: (id, change) =>
      update((kept) => {
        const now = kept.shown.find((one) => one.id === id);
        const after = change(now, kept.shown);
        return after === undefined || after === now ? kept.all : withOne(kept, after, id);
      }),
    changeAll: (change) =>
      update(({ all, shown, places }) => {
        const changed = new Map(
          change(shown).flatMap((one) => {
            const place = places.get(one.id);
            return place === undefined || shown.includes(one) ? [] : [[place, one]];
          }),
        );
        return changed.size === 0 ? all : all.map((entry, place) => changed.get(place) ?? entry);
      }),
    addMissing: async (connections) => {
      let added: readonly SavedConnection[] = [];
      await update(({ all }) => {
        const there = new Set(all.map(idOf));
        added = connections.filter(({ id }) => !there.has(id) && there.add(id));
        return added.length === 0 ? all : [...all, ...added];
      });
      return added;
    },
    remove: (id) =>
      update(({ all }) =>
        all.some((entry) => idOf(entry) === id) ? all.filter((entry) => idOf(entry) !== id) : all,
      ),
  };
}

/** The contents of the file. */
interface Kept {
  readonly all: unknown[];
  readonly shown: readonly SavedConnection[];
  /** Indices in the file of the shown entries, by id. */
  readonly places: ReadonlyMap<string, number>;
}

/** @param id of the entry to replace. */
function withOne({ all, places }: Kept, connection: SavedConnection, id = connection.id): unknown[] {
  const index = places.get(id) ?? all.findIndex((entry) => idOf(entry) === id);
  return index < 0 ? [...all, connection] : all.with(index, connection);
}

/** @throws SyntaxError or TypeError, so that a file without an array is not overwritten. */
function parseArray(bytes: Buffer): unknown[] {
  const parsed: unknown = JSON.parse(bytes.toString("utf8"));
  if (!Array.isArray(parsed)) throw new TypeError("the saved connections are not a list");
  return parsed;
}

function idOf(entry: unknown): unknown {
  return typeof entry === "object" && entry !== null && "id" in entry ? entry.id : undefined;
}
