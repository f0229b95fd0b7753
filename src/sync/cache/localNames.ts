import type { Manifest } from "../manifest/manifest.js";
import { folded, type NameRules, withHash, writable } from "./nameRules.js";

/**
 * Gives every remote path a local one: never the same for two, never outside. A name is decided on once, when something
 * of that path comes here for the first time, and stands in the manifest from then on: for every later start and window.
 */
export interface LocalNames {
  /** Relative local path, parts joined with `/`. Of what has no place yet: where it would be now. */
  of(path: string): string;
  /** Decides on the name of a path, and of each folder that leads to it. Only for whoever may write. */
  decide(path: string): void;
}

export function createLocalNames(rules: NameRules, manifest: Manifest): LocalNames {
  /** By local path as the file system sees it; what is of no use any more is told by the manifest. */
  const owners = new Map<string, string>();
  let read = -1;

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

  const keyOf = (path: string, name: string): string => {
    const parent = parentOf(path);
    return `${parent === "" ? "" : of(parent)}/${folded(name)}`;
  };
  const freeName = (path: string, name: string): string => {
    refresh();
    const plain = writable(name, rules);
    const isFree = (candidate: string): boolean => {
      const owner = owners.get(keyOf(path, candidate));
      return owner === undefined || owner === path || manifest.entries.localNameOf(owner) === undefined;
    };
    for (let suffix = 0; ; suffix += 1) {
      const candidate = suffix === 0 ? plain : withHash(plain, suffix === 1 ? name : `${path}\0${suffix}`);
      if (isFree(candidate)) return candidate;
    }
  };
  /** Another program may have decided as well. */
  const refresh = (): void => {
    if (read === manifest.reads) return;
    read = manifest.reads;
    owners.clear();
    for (const { path, localName } of manifest.entries.values()) {
      if (localName !== undefined) owners.set(keyOf(path, localName), path);
    }
  };

  const decide = (path: string): void => {
    if (rules.exact || path === "") return;
    decide(parentOf(path));
    if (manifest.entries.localNameOf(path) !== undefined) return;
    const localName = freeName(path, lastOf(path));
    owners.set(keyOf(path, localName), path);
    const entry = manifest.get(path);
    manifest.set({ ...(entry ?? { path, kind: "folder", seen: undefined }), localName });
  };

  return { of, decide };
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
