import * as l10n from "@vscode/l10n";
import { displayLabel, displayText } from "../../common/text/displayText.js";
import type { StorageRoot } from "../../environments/storageRoots.js";
import type { Directory } from "../../files/files.js";
import { above, below, holds, isPath } from "./paths.js";
import { type Row, runsText } from "./rows.js";
import { typedRows } from "./rootRows.js";

/** Maximum number of rows of a folder: typing a part of a name finds the others. */
const mostFolders = 500;

/**
 * Rows for the folders in a folder of a host, hidden ones last.
 * @param listed undefined while it is being listed, or if that failed; `path` is the folder.
 * @param roots folders that look like a storage root, by path.
 */
export function folderRows(
  path: string,
  listed: Directory | undefined,
  roots: ReadonlyMap<string, StorageRoot>,
  typed: string,
): readonly Row[] {
  const parent = path.startsWith("/") ? above(path) : undefined;
  const up: readonly Row[] =
    parent === undefined ? [] : [{ label: "$(arrow-up) ..", does: { kind: "browse", path: parent } }];
  if (isPath(typed)) return [...typedRows(typed), ...openTyped(typed)];
  if (!listed) return up;
  const names = listed.entries.filter(({ kind }) => kind === "folder").map(({ name }) => name);
  const isHidden = (name: string): boolean => name.startsWith(".");
  const sorted = [...names.filter((name) => !isHidden(name)), ...names.filter(isHidden)];
  const fit = typed === "" ? sorted : sorted.filter((name) => holds(displayText(name), typed));
  const more = fit.length - mostFolders;
  return [
    ...(typed === "" ? [useRow(path, roots.get(path))] : []),
    ...(typed === "" || typed === ".." ? up : []),
    ...fit.slice(0, mostFolders).map((name) => folderRow(path, name, roots)),
    ...(more > 0
      ? [{ label: l10n.t("and {0} more", more.toLocaleString()), detail: l10n.t("Type a part of the name.") }]
      : []),
    ...(fit.length === 0 && typed !== ".."
      ? [{ label: typed === "" ? l10n.t("No folders here") : l10n.t("No folder with this in its name") }]
      : []),
  ];
}

function openTyped(typed: string): readonly Row[] {
  return [
    {
      label: `$(folder-opened) ${displayLabel(typed)}`,
      description: l10n.t("Look Into This Folder"),
      does: { kind: "browse", path: typed },
    },
  ];
}

function useRow(path: string, root: StorageRoot | undefined): Row {
  return {
    label: `$(check) ${l10n.t("Use This Folder")}`,
    description: [displayLabel(path), ...(root ? [runsText(root.runs)] : [])].join(" · "),
    does: { kind: "choose", path, isSeen: true },
  };
}

function folderRow(path: string, name: string, roots: ReadonlyMap<string, StorageRoot>): Row {
  const child = below(path, name);
  const root = roots.get(child);
  return {
    label: `$(${root ? "beaker" : "folder"}) ${displayLabel(name)}`,
    ...(root && { description: l10n.t("storage root of Runicorn, {0}", runsText(root.runs)) }),
    does: { kind: "browse", path: child },
  };
}
