import { Emitter, type Event } from "../common/event.js";
import { readFileIfPresent, updateSharedFile } from "../common/sharedFile.js";
import type { HostKey, HostKeyVerdict, KnownKey } from "./hostKeys.js";
import {
  hostFieldMatches,
  type KnownHostsLine,
  parseKnownHosts,
  withLine,
  withoutLines,
} from "./knownHostsFile.js";

/** One readable line of our own known_hosts file. */
export interface KnownHostEntry extends KnownHostsLine {
  readonly hashed: boolean;
}

/** Host keys: our own known_hosts file, and the user's and the system's, which are read and never written. */
export interface KnownHosts {
  readonly file: string;
  readonly onDidChange: Event<void>;
  /**
   * Reads the files anew each time: other windows and `ssh` write them too.
   * @param foreignFiles the user's and the system's files where the configuration names others than the usual ones.
   */
  verify(name: string, key: HostKey, foreignFiles?: readonly string[]): Promise<HostKeyVerdict>;
  /** The key types that the stores hold for a host, so that the server is asked for one of those. */
  knownTypes(name: string, foreignFiles?: readonly string[]): Promise<readonly string[]>;
  /** Our own file and the others, in the order in which they are read. */
  filesFor(foreignFiles: readonly string[] | undefined): readonly string[];
  list(): Promise<readonly KnownHostEntry[]>;
  /** Adds one line to our own file, unless the key is there; every other byte stays. */
  add(name: string, key: HostKey): Promise<void>;
  /** Removes the lines of our own file that hold this key for this host field; every other byte stays. */
  remove(entry: Pick<KnownHostEntry, "hosts" | "key" | "marker">): Promise<void>;
}

export interface KnownHostsOptions {
  /** Our own file: the only one that is written. */
  readonly file: string;
  /** The user's and the system's files. A missing one is no fault; an unreadable one closes the door. */
  readonly foreignFiles: readonly string[];
}

type Store =
  | { readonly file: string; readonly lines: readonly KnownHostsLine[] }
  | { readonly file: string; readonly unreadable: true };

export function createKnownHosts({ file, foreignFiles: usualFiles }: KnownHostsOptions): KnownHosts {
  const changed = new Emitter<void>();
  const filesFor = (foreignFiles = usualFiles): readonly string[] => [...new Set([file, ...foreignFiles])];
  const readAll = (foreignFiles?: readonly string[]): Promise<Store[]> =>
    Promise.all(filesFor(foreignFiles).map(readStore));

  return {
    file,
    onDidChange: changed.event,
    filesFor,
    verify: async (name, key, foreignFiles) => judge(await readAll(foreignFiles), name, key),
    knownTypes: async (name, foreignFiles) => {
      const lines = (await readAll(foreignFiles)).flatMap((store) => ("lines" in store ? store.lines : []));
      const types = lines.filter((line) => line.marker === undefined && hostFieldMatches(line.hosts, name));
      return [...new Set(types.map(({ key }) => key.type))];
    },
    list: async () => {
      const bytes = await readFileIfPresent(file);
      return parseKnownHosts(bytes ?? Buffer.alloc(0)).map((line) => ({
        ...line,
        hashed: line.hosts.startsWith("|"),
      }));
    },
    add: async (name, key) => {
      await updateSharedFile(file, (bytes) => {
        const present = parseKnownHosts(bytes ?? Buffer.alloc(0)).some(
          (line) =>
            line.marker === undefined && line.key.base64 === key.base64 && hostFieldMatches(line.hosts, name),
        );
        return present ? undefined : withLine(bytes, `${name} ${key.type} ${key.base64}`);
      });
      changed.fire();
    },
    remove: async ({ hosts, key, marker }) => {
      await updateSharedFile(file, (bytes) => {
        if (bytes === undefined) return undefined;
        const gone = parseKnownHosts(bytes).filter(
          (line) => line.hosts === hosts && line.key.base64 === key.base64 && line.marker === marker,
        );
        return gone.length === 0 ? undefined : withoutLines(bytes, new Set(gone.map(({ line }) => line)));
      });
      changed.fire();
    },
  };
}

async function readStore(file: string): Promise<Store> {
  try {
    return { file, lines: parseKnownHosts((await readFileIfPresent(file)) ?? Buffer.alloc(0)) };
  } catch {
    return { file, unreadable: true };
  }
}

/**
 * A revocation anywhere wins over a match anywhere, so it is looked for in a pass of its own; a store that cannot be
 * read may hold one.
 */
function judge(stores: readonly Store[], name: string, key: HostKey): HostKeyVerdict {
  const unreadable = stores.find((store) => "unreadable" in store);
  if (unreadable) return { kind: "unreadable", file: unreadable.file };
  const found = stores.flatMap((store) =>
    "lines" in store ? store.lines.map((line) => ({ file: store.file, line })) : [],
  );
  const forHost = found.filter(({ line }) => hostFieldMatches(line.hosts, name));

  const revoked = forHost.find(({ line }) => line.marker === "@revoked" && line.key.base64 === key.base64);
  if (revoked) return { kind: "revoked", file: revoked.file };

  const plain = forHost.filter(({ line }) => line.marker === undefined);
  if (plain.some(({ line }) => line.key.base64 === key.base64)) return { kind: "match" };

  const known = plain.map(({ file, line }): KnownKey => ({ key: line.key, file, line: line.line }));
  const sameType = known.filter((one) => one.key.type === key.type);
  if (sameType.length > 0) return { kind: "changed", known: sameType };
  const authority = forHost.find(({ line }) => line.marker === "@cert-authority");
  if (known.length > 0) return { kind: "other-type", known };
  if (authority) return { kind: "ca-only", file: authority.file };
  return { kind: "unknown" };
}
