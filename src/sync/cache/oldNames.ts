import { join } from "node:path";
import type { Manifest } from "../manifest/manifest.js";
import { isHere } from "../manifest/sameness.js";
import { folded, type NameRules, withHash, writable } from "./nameRules.js";
import { removeEmptyFolders } from "./copyTree.js";

/*
 * Earlier versions wrote no local names down. They gave them out in the order in which something came, and at the next
 * start in that of the listing: of two names that the file system takes for one, each may have the other's place, or its
 * bytes. Which it is cannot be told, so what has such a name is let go of and fetched again; all others keep their names.
 */

const reservedBefore = /^(con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(\.|$)/i;
/** Places that one file may have: two for each of its names that clash. */
const mostPlaces = 64;

/** @param files absolute path of the folder of the copied files. @param remove a file in it. */
export async function settleOldNames(
  files: string,
  rules: NameRules,
  manifest: Manifest,
  remove: (file: string) => Promise<void>,
): Promise<void> {
  if (rules.exact || !manifest.entries.isAnyHereUnnamed) return;
  const clashing = clashesIn(manifest, rules);
  const isUnsure = (path: string): boolean => pathsTo(path).some((one) => clashing.has(one));
  const folders: string[] = [];
  for (const entry of [...manifest.entries.values()]) {
    const { path, kind, localName } = entry;
    if (localName !== undefined) continue;
    if (!isUnsure(path)) {
      if (kind === "folder" || isHere(entry))
        manifest.set({ ...entry, localName: writable(lastOf(path), rules) });
      continue;
    }
    const tree = placesOf(path, rules, clashing).map((place) => join(files, ...place.split("/")));
    if (kind === "folder") folders.push(...tree);
    else if (isHere(entry)) {
      for (const place of tree) await remove(place);
    }
    if (entry.seen) manifest.set({ path, kind, seen: entry.seen, usedAt: entry.usedAt });
    else manifest.remove(path);
  }
  folders.sort((a, b) => b.length - a.length).forEach(removeEmptyFolders);
}

/** The paths whose last name had to be told from another one's, or is written otherwise today. */
function clashesIn(manifest: Manifest, rules: NameRules): ReadonlySet<string> {
  const groups = new Map<string, Set<string>>();
  const clashing = new Set<string>();
  for (const path of new Set([...manifest.entries.keys()].flatMap(pathsTo))) {
    const before = writable(lastOf(path), rules, reservedBefore);
    const key = `${path.slice(0, -lastOf(path).length)}\0${folded(before)}`;
    groups.set(key, (groups.get(key) ?? new Set()).add(path));
    if (before !== writable(lastOf(path), rules)) clashing.add(path);
  }
  for (const group of groups.values()) if (group.size > 1) group.forEach((path) => clashing.add(path));
  return clashing;
}

/** Every local path that an earlier version may have given to this one. */
function placesOf(path: string, rules: NameRules, clashing: ReadonlySet<string>): readonly string[] {
  let tree = [""];
  for (const one of pathsTo(path)) {
    const name = lastOf(one);
    const plain = writable(name, rules, reservedBefore);
    const names = clashing.has(one) ? [plain, withHash(plain, name)] : [plain];
    tree = tree.flatMap((parent) => names.map((last) => (parent === "" ? last : `${parent}/${last}`)));
    tree = tree.slice(0, mostPlaces);
  }
  return tree;
}

/** `a`, `a/b` and `a/b/c` of `a/b/c`. */
function pathsTo(path: string): readonly string[] {
  const parts = path.split("/");
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
