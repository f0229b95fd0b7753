import { Emitter, type Event } from "../../common/async/event.js";
import { readFileIfPresent, updateSharedFile } from "../../common/files/sharedFile.js";
import type { HostKey, HostKeyVerdict, KnownKey } from "../model/hostKeys.js";
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

/** A host that showed another key than the known one, since this program started. */
export interface ChangedKey {
  /** How known_hosts names the host. */
  readonly name: string;
  readonly offered: HostKey;
  readonly known: readonly KnownKey[];
}

/** Host keys: our own known_hosts file, and the user's and the system's, which are read and never written. */
export interface KnownHosts {
  readonly file: string;
  /** The file, or what `changed` tells. */
  readonly onDidChange: Event<void>;
  /** Those that were refused, until they are replaced or the known key comes back. */
  readonly changed: readonly ChangedKey[];
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
  /** Puts a key in the place of those of its type that our own file holds for this host: after a person compared them. */
  replace(name: string, key: HostKey): Promise<void>;
  /** Trusts a key beside those that are known: after a person said that a name stands for several machines. */
  addBeside(name: string, key: HostKey): Promise<void>;
  /**
   * The entries of another file that our own does not hold and does not contradict; certificate authorities are of no
   * use to us.
   */
  missingFrom(otherFile: string): Promise<readonly KnownHostEntry[]>;
  /** Adds these lines to our own file, as they are written elsewhere. */
  addAll(entries: readonly KnownHostEntry[]): Promise<void>;
}

export interface KnownHostsOptions {
  /** Our own file: the only one that is written. */
  readonly file: string;
  /** The user's and the system's files. A missing file is fine; an unreadable one fails closed. */
  readonly foreignFiles: readonly string[];
  /** Fires when our own file may have been written by another program. */
  readonly written?: Event<void> | undefined;
}

type Store =
  | { readonly file: string; readonly lines: readonly KnownHostsLine[] }
  | { readonly file: string; readonly unreadable: true };

/** Appends a line to a file's content, unless the key is there for the host. */
function withKey(name: string, key: HostKey): Change {
  return (lines, bytes) => {
    const present = lines.some(
      (line) => line.marker === undefined && isSameKey(line, key) && hostFieldMatches(line.hosts, name),
    );
    return present ? undefined : withLine(bytes, lineOf({ hosts: name, key }));
  };
}

/** Gets what is there, and returns the bytes to be; undefined leaves the file alone. */
type Change = (lines: readonly KnownHostsLine[], bytes: Buffer) => Buffer | undefined;

export function createKnownHosts({ file, foreignFiles: usualFiles, written }: KnownHostsOptions): KnownHosts {
  const changed = new Emitter<void>();
  written?.(() => changed.fire());
  const changedKeys = new Map<string, ChangedKey>();
  const filesFor = (foreignFiles = usualFiles): readonly string[] => [...new Set([file, ...foreignFiles])];
  const readAll = (foreignFiles?: readonly string[]): Promise<Store[]> =>
    Promise.all(filesFor(foreignFiles).map(readStore));

  return {
    file,
    onDidChange: changed.event,
    filesFor,
    get changed() {
      return [...changedKeys.values()];
    },
    verify: async (name, key, foreignFiles) => {
      const verdict = judge(await readAll(foreignFiles), name, key);
      if (verdict.kind === "changed") {
        changedKeys.set(name, { name, offered: key, known: verdict.known });
        changed.fire();
      } else if (verdict.kind === "match" && changedKeys.delete(name)) changed.fire();
      return verdict;
    },
    knownTypes: async (name, foreignFiles) => {
      const lines = (await readAll(foreignFiles)).flatMap((store) => ("lines" in store ? store.lines : []));
      const types = lines.filter((line) => line.marker === undefined && hostFieldMatches(line.hosts, name));
      return [...new Set(types.map(({ key }) => key.type))];
    },
    list: () => entriesOf(file),
    add: (name, key) => update(withKey(name, key)),
    addBeside: async (name, key) => {
      await update(withKey(name, key));
      if (changedKeys.delete(name)) changed.fire();
    },
    remove: ({ hosts, key, marker }) =>
      update((lines, bytes) =>
        without(
          bytes,
          lines.filter((line) => line.hosts === hosts && isSameKey(line, key) && line.marker === marker),
        ),
      ),
    replace: async (name, key) => {
      await update((lines, bytes) => withReplaced(lines, bytes, name, key));
      if (changedKeys.delete(name)) changed.fire();
    },
    missingFrom: async (otherFile) => {
      const [own, others] = await Promise.all([entriesOf(file), entriesOf(otherFile)]);
      const present = new Set(own.map(lineOf));
      return others.filter(
        (entry) =>
          entry.marker !== "@cert-authority" && !present.has(lineOf(entry)) && !own.some(contradicts(entry)),
      );
    },
    addAll: (entries) =>
      update((lines, bytes) => {
        const present = new Set(lines.map(lineOf));
        const added = [...new Set(entries.map(lineOf))].filter((text) => !present.has(text));
        return added.length === 0 ? undefined : added.reduce(withLine, bytes);
      }),
  };

  async function update(change: Change): Promise<void> {
    await updateSharedFile(file, (present) => {
      const bytes = present ?? Buffer.alloc(0);
      return change(parseKnownHosts(bytes), bytes);
    });
    changed.fire();
  }
}

/** The file with this key of the host in place of the others of its type; undefined where nothing changes. */
function withReplaced(
  lines: readonly KnownHostsLine[],
  bytes: Buffer,
  name: string,
  key: HostKey,
): Buffer | undefined {
  // Keep lines with patterns or several hosts, which are about other hosts too. The new line takes precedence.
  const own = lines.filter(
    ({ marker, hosts }) =>
      marker === undefined && (hosts === name || (hosts.startsWith("|") && hostFieldMatches(hosts, name))),
  );
  const replaced = own.filter((line) => line.key.type === key.type && !isSameKey(line, key));
  const rest = without(bytes, replaced);
  return own.some((line) => isSameKey(line, key))
    ? rest
    : withLine(rest ?? bytes, lineOf({ hosts: name, key }));
}

async function entriesOf(file: string): Promise<KnownHostEntry[]> {
  const bytes = (await readFileIfPresent(file)) ?? Buffer.alloc(0);
  return parseKnownHosts(bytes).map((line) => ({ ...line, hashed: line.hosts.startsWith("|") }));
}

/** Whether an entry of ours holds another key of the same type for the same host. */
function contradicts({ hosts, key, marker }: KnownHostEntry): (own: KnownHostEntry) => boolean {
  return (own) =>
    marker === undefined &&
    own.marker === undefined &&
    own.key.type === key.type &&
    !isSameKey(own, key) &&
    (own.hosts === hosts || (!own.hashed && hostFieldMatches(hosts, own.hosts)));
}

function isSameKey(line: KnownHostsLine, key: HostKey): boolean {
  return line.key.base64 === key.base64;
}

function without(bytes: Buffer, gone: readonly KnownHostsLine[]): Buffer | undefined {
  return gone.length === 0 ? undefined : withoutLines(bytes, new Set(gone.map(({ line }) => line)));
}

function lineOf({
  marker,
  hosts,
  key,
}: Pick<KnownHostsLine, "hosts" | "key"> & Partial<Pick<KnownHostsLine, "marker">>): string {
  return `${marker === undefined ? "" : `${marker} `}${hosts} ${key.type} ${key.base64}`;
}

async function readStore(file: string): Promise<Store> {
  try {
    return { file, lines: parseKnownHosts((await readFileIfPresent(file)) ?? Buffer.alloc(0)) };
  } catch {
    return { file, unreadable: true };
  }
}

/**
 * A revocation in any file wins over a match in another, so all files are searched for one first. Fails closed: an
 * unreadable file may contain @revoked entries.
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
