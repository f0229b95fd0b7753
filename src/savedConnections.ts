import * as z from "zod";
import { Emitter, type Event } from "./common/async/event.js";
import type { Logger } from "./common/logger.js";
import { readFileIfPresent, updateSharedFile } from "./common/files/sharedFile.js";
import type { ConnectRequest } from "./ssh/model/connectRequest.js";
import { parseJumpHosts, type Target } from "./ssh/model/target.js";
import { isKeptTarget } from "./ssh/model/thisMachine.js";
import { readWhere, type Where } from "./where.js";

/** A connection that a person keeps. No secrets: those stay in the secret store, under the id. */
export interface SavedConnection {
  readonly id: string;
  /** What the trees show; the alias or `user@host` unless the person chose another. */
  readonly name: string;
  readonly target: Target;
  /** A private key file chosen for this connection, beyond what `~/.ssh/config` says. */
  readonly identityFile?: string | undefined;
  /** How it logs in. Default: as OpenSSH would. */
  readonly authentication?: Authentication | undefined;
  /** The jump hosts, as `ssh -J` takes them; `none`: straight there. Default: as `~/.ssh/config` says. */
  readonly jump?: string | undefined;
  /** Last used interpreter, offered first next time. */
  readonly python?: string | undefined;
  /** Shell lines that run on the host before a Python starts, one command each. They may hold secrets. */
  readonly lines?: string | undefined;
  /** The same for single environments, by their interpreters; they run behind those of the host. */
  readonly environmentLines?: Readonly<Record<string, string>> | undefined;
  /** Last used storage root. */
  readonly root?: string | undefined;
  /** Storage roots that were used, the last one first. */
  readonly roots?: readonly string[] | undefined;
  /** Where its viewer runs, of a host that leads to a cluster, as was answered last. */
  readonly where?: Where | undefined;
  /** The group that it is shown in. Default: none. */
  readonly group?: string | undefined;
  /** Its place among the others, once a person has ordered them by hand: the lowest first. */
  readonly order?: number | undefined;
  /** The local port that its viewer is to have. Default: any of ours. */
  readonly localPort?: number | undefined;
  /** Milliseconds since the epoch: when a viewer was last opened on it. */
  readonly openedAt?: number | undefined;
  /** It came from somebody's file, and nobody has agreed yet to where it leads: the name does not say that. */
  readonly imported?: boolean | undefined;
  /** The names under which the secret store keeps passwords that were asked for on the way there. */
  readonly passwords?: readonly string[] | undefined;
}

/** `key`: by the chosen key file alone. `password`: by no key, by password or the server's questions. */
export type Authentication = (typeof authentications)[number];
const authentications = ["key", "password"] as const;

/**
 * What connects to it, whoever does.
 * @throws Failure `target-invalid` for jump hosts that make no sense.
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

/** Those whose viewer was opened last come first, those never opened last, in the order in which they were saved. */
export function byRecent(connections: readonly SavedConnection[]): SavedConnection[] {
  return [...connections].sort((a, b) => (b.openedAt ?? 0) - (a.openedAt ?? 0));
}

/** What a connection has that may serve for another host, or another person: how to log in, and what to open. */
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

/** Storage roots that are remembered of a connection. */
const mostRoots = 8;

/** The storage roots that were used on it, the last one first. @param now the one that is used now. */
export function recentRoots({ root, roots = [] }: SavedConnection, now = root): readonly string[] {
  const all = [now, root, ...roots].filter((one) => one !== undefined);
  return [...new Set(all)].slice(0, mostRoots);
}

/** The saved connections, in a file of the data folder that several windows and programs share. */
export interface SavedConnections {
  readonly onDidChange: Event<void>;
  /** Those that are as they were the last time are the same objects. */
  list(): Promise<readonly SavedConnection[]>;
  get(id: string): Promise<SavedConnection | undefined>;
  /** Adds, or replaces the one with the same id. */
  save(connection: SavedConnection): Promise<void>;
  /**
   * Changes one as it is at this moment, so that nothing is brought back that was forgotten meanwhile.
   * @param change gets undefined where it is not kept, and all that are; the same, or undefined, leaves it as it is. What
   * it returns takes its place, also under another id.
   */
  change(
    id: string,
    change: (
      now: SavedConnection | undefined,
      all: readonly SavedConnection[],
    ) => SavedConnection | undefined,
  ): Promise<void>;
  /**
   * Changes several in one step.
   * @param change gets all that are kept; what it returns takes the place of those with the same ids.
   */
  changeAll(change: (all: readonly SavedConnection[]) => readonly SavedConnection[]): Promise<void>;
  /**
   * Adds several in one step, but none whose id is there: what is kept stays as it is.
   * @returns those that were added; of two with one id the first.
   */
  addMissing(connections: readonly SavedConnection[]): Promise<readonly SavedConnection[]>;
  remove(id: string): Promise<void>;
}

/** How an entry is written, here and in files that are exchanged. */
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
  // What only helps to choose costs no connection where it is damaged.
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

  /** What was read the last time, by its text: to check it again costs more than to read it. */
  let known = new Map<string, SavedConnection>();

  /**
   * What a newer version or a person wrote and we cannot read, and what repeats an id, is kept in the file, and not shown.
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
            return place === undefined ? [] : [[place, one]];
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
    remove: (id) => update(({ all }) => all.filter((entry) => idOf(entry) !== id)),
  };
}

/** What stands in the file. */
interface Kept {
  readonly all: unknown[];
  readonly shown: readonly SavedConnection[];
  /** Where in the file those stand that are shown, by their id. */
  readonly places: ReadonlyMap<string, number>;
}

/** @param id of what it takes the place of. */
function withOne({ all, places }: Kept, connection: SavedConnection, id = connection.id): unknown[] {
  const index = places.get(id) ?? all.findIndex((entry) => idOf(entry) === id);
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
