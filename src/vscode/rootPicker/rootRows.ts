import * as l10n from "@vscode/l10n";
import { displayLabel } from "../../common/text/displayText.js";
import type { RootSearch, StorageRoot } from "../../environments/storageRoots.js";
import { holds, isPath } from "./paths.js";
import { type Row, runsText, section } from "./rows.js";

/** Candidates for the storage root of a host. */
export interface KnownRoots {
  /** The window's folder, if it is on this host. */
  readonly ofWindow?: string | undefined;
  /** Used before, most recent first. */
  readonly recent: readonly string[];
  /** The root in the configuration of Runicorn on the host. */
  readonly configured?: string | undefined;
  /** Undefined while it is running, or if it failed. */
  readonly search?: RootSearch | undefined;
}

/** Maximum number of rows of folders that were found. */
const mostFound = 50;

/**
 * Rows for the folders to choose from. Later search results come last, so that rows do not move under the mouse.
 * @param typed the text in the input box.
 */
export function rootRows(
  { ofWindow, recent, configured, search }: KnownRoots,
  typed: string,
): readonly Row[] {
  const found = search?.kind === "searched" ? search.roots : [];
  const isListed = (path: string): boolean => path !== typed && (isPath(path) ? holds(path, typed) : false);
  const runsIn = (path: string): StorageRoot | undefined => found.find((one) => one.path === path);
  const used = [...new Set([ofWindow, ...recent, configured])].filter((path) => path !== undefined);
  const iconOf = (path: string): string =>
    path === ofWindow ? "window" : path === configured && !recent.includes(path) ? "gear" : "history";
  const rows = used.filter(isListed).map((path): Row => {
    const seen = runsIn(path);
    const facts = [
      ...(path === ofWindow ? [l10n.t("the folder of this window")] : []),
      ...(path === recent[0] ? [l10n.t("used last time")] : []),
      ...(path === configured ? [l10n.t("from Runicorn's settings")] : []),
      ...(seen ? [runsText(seen.runs)] : []),
    ];
    return {
      label: `$(${iconOf(path)}) ${displayLabel(path)}`,
      description: facts.join(" · "),
      does: { kind: "choose", path },
    };
  });
  const others = found.filter(({ path }) => !used.includes(path) && isListed(path));
  const isCut = search?.kind === "searched" && !search.complete;
  const more = others.length - mostFound;
  return [
    ...typedRows(typed),
    ...section(l10n.t("Used on this host"), rows),
    ...section(l10n.t("Somewhere else"), [browseRow(isPath(typed) ? typed : "~")]),
    ...section(isCut ? l10n.t("Found on the host; the search was cut short") : l10n.t("Found on the host"), [
      ...others.slice(0, mostFound).map(foundRow),
      ...(more > 0 ? [{ label: l10n.t("and {0} more", more) }] : []),
    ]),
  ];
}

/** Rows to choose the typed path. */
export function typedRows(typed: string): readonly Row[] {
  if (isPath(typed))
    return [
      {
        label: `$(edit) ${displayLabel(typed)}`,
        description: l10n.t("Use This Folder"),
        does: { kind: "choose", path: typed },
      },
    ];
  return [];
}

function browseRow(path: string): Row {
  return {
    label: `$(folder-opened) ${l10n.t("Browse…")}`,
    description: path === "~" ? l10n.t("the folders of the host") : displayLabel(path),
    does: { kind: "browse", path },
  };
}

function foundRow({ path, runs }: StorageRoot): Row {
  return {
    label: `$(beaker) ${displayLabel(path)}`,
    description: runsText(runs),
    does: { kind: "choose", path, isSeen: true },
  };
}
