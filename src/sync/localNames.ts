import { createHash } from "node:crypto";
import { encodeBytes } from "../common/bytes.js";

/** What the file system of this machine can tell apart. */
export interface NameRules {
  /** Names are bytes, and any two differ: Linux. Elsewhere case and Unicode composition do not count. */
  readonly exact: boolean;
  /** Characters, endings and names that Windows refuses are written otherwise. */
  readonly windows: boolean;
}

/** Gives every remote path a local one: never the same for two, never outside. */
export interface LocalNames {
  /** Relative local path, parts joined with `/`. The same at every call, also when asked in another order. */
  of(path: string): string;
}

export function rulesOf(platform: NodeJS.Platform): NameRules {
  return { exact: platform !== "win32" && platform !== "darwin", windows: platform === "win32" };
}

/** Characters of a name that leave room for a suffix; file systems allow 255 units. */
const longestName = 200;

/**
 * @param known paths that have a place already, in the order in which they got it: of two names that clash, the first
 * keeps its own.
 */
export function createLocalNames(rules: NameRules, known: Iterable<string> = []): LocalNames {
  if (rules.exact) return { of: (path) => path };
  const owners = new Map<string, string>();
  const places = new Map<string, string>();

  const place = (path: string): string => {
    const present = places.get(path);
    if (present !== undefined) return present;
    const slash = path.lastIndexOf("/");
    const parent = slash < 0 ? "" : `${place(path.slice(0, slash))}/`;
    const name = path.slice(slash + 1);
    const plain = writable(name, rules);
    const local = take(`${parent}${plain}`, path) ?? take(`${parent}${withHash(plain, name)}`, path);
    const result = local ?? `${parent}${withHash(plain, path)}`;
    places.set(path, result);
    return result;
  };
  const take = (local: string, path: string): string | undefined => {
    const key = folded(local);
    if (owners.has(key)) return undefined;
    owners.set(key, path);
    return local;
  };

  for (const path of known) place(path);
  return { of: place };
}

function folded(name: string): string {
  return name.normalize("NFKD").toUpperCase().toLowerCase().normalize("NFKD");
}

function writable(name: string, { windows }: NameRules): string {
  const forbidden = windows ? /[\ud800-\udfff]|[\0-\x1f<>:"|?*\\%\x7f]/g : /[\ud800-\udfff]|[\0%:]/g;
  let result = name.replace(/[\ud800-\udbff][\udc00-\udfff]|[^]/g, (character) =>
    character.length > 1 ? character : character.replace(forbidden, escaped),
  );
  if (windows) result = result.replace(/[. ]$/, escaped);
  if (windows && /^(con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(\.|$)/i.test(result)) {
    result = `${escaped(result.charAt(0))}${result.slice(1)}`;
  }
  return result.length > longestName ? withHash(result.slice(0, longestName), name) : result;
}

function escaped(character: string): string {
  return `%${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

function withHash(name: string, of: string): string {
  const hash = createHash("sha256").update(encodeBytes(of)).digest("hex").slice(0, 12);
  const dot = name.lastIndexOf(".");
  const stem = dot > 0 ? name.slice(0, dot) : name;
  const ending = dot > 0 ? name.slice(dot) : "";
  return `${stem.slice(0, longestName)}~${hash}${ending.slice(0, 20)}`;
}
