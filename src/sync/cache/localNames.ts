import type { Manifest } from "../manifest/manifest.js";
import { type NameRules, withHash, writable } from "./nameRules.js";
import { TakenNames } from "./takenNames.js";

/**
 * Gives every remote path a local one: never the same for two, never outside. A name is decided on once, when something
 * of that path comes here for the first time, and stands in the manifest from then on: for every later start and window.
 */
export interface LocalNames {
  /** Relative local path, parts joined with `/`. Of what has no place yet: where it would be now. */
  of(path: string): string;
  /** Decides on the name of a path, and of each folder that leads to it. Only for whoever may write. */
  decide(path: string): void;
  /** Finds out which names are taken before the first is decided on, for whoever has just got the right to write. */
  prepare(): Promise<void>;
}

export function createLocalNames(rules: NameRules, manifest: Manifest): LocalNames {
  let taken: TakenNames | undefined;
  let read = -1;
  /** Another program may have decided as well. */
  const takenNow = (): TakenNames => {
    if (!taken || read !== manifest.reads) [taken, read] = [TakenNames.now(manifest.entries), manifest.reads];
    return taken;
  };
  const prepare = async (): Promise<void> => {
    const { entries, reads } = manifest;
    if (!rules.exact && (!taken || read !== reads)) [taken, read] = [await TakenNames.of(entries), reads];
  };

  const ownName = (path: string): string => {
    const known = manifest.entries.localNameOf(path);
    if (known !== undefined) return known;
    const name = lastOf(path);
    return rules.exact ? name : freeName(path, name);
  };
  const of = (path: string): string => {
    if (rules.exact && !manifest.entries.isAnyNamed) return path;
    const parent = parentOf(path);
    return parent === "" ? ownName(path) : `${of(parent)}/${ownName(path)}`;
  };

  const freeName = (path: string, name: string): string => {
    const { entries } = manifest;
    const [parent, own] = [entries.numberOf(parentOf(path)), entries.numberOf(path)];
    const plain = writable(name, rules);
    const isFree = (candidate: string): boolean => {
      // In a folder of which nothing is known, nothing has a name.
      const owner = parent === undefined ? undefined : takenNow().ownerOf(parent, candidate);
      return owner === undefined || owner === own;
    };
    for (let suffix = 0; ; suffix += 1) {
      const candidate = suffix === 0 ? plain : withHash(plain, suffix === 1 ? name : `${path}\0${suffix}`);
      if (isFree(candidate)) return candidate;
    }
  };

  const decide = (path: string): void => {
    if (rules.exact || path === "") return;
    decide(parentOf(path));
    if (manifest.entries.localNameOf(path) !== undefined) return;
    const localName = freeName(path, lastOf(path));
    const entry = manifest.get(path) ?? { path, kind: "folder", seen: undefined };
    takenNow().add(manifest.set({ ...entry, localName }), localName);
  };

  return { of, decide, prepare };
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
