import type { ManifestEntry } from "./manifest.js";

/**
 * What lies directly in a folder, files of which nothing is here included; "" is the root.
 * @returns undefined where there is no such folder.
 */
export function childrenOf(
  entries: ReadonlyMap<string, ManifestEntry>,
  folder: string,
): readonly ManifestEntry[] | undefined {
  const prefix = folder === "" ? "" : `${folder}/`;
  const children: ManifestEntry[] = [];
  for (const entry of entries.values()) {
    const isChild = entry.path.startsWith(prefix) && !entry.path.includes("/", prefix.length);
    if (isChild && (entry.seen ?? entry.held)) children.push(entry);
  }
  const exists = folder === "" || entries.get(folder)?.kind === "folder";
  return exists || children.length > 0 ? children : undefined;
}
