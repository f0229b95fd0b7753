import { displayText } from "../../common/text/displayText.js";
import { formatTarget, parseTarget, type Target } from "../../ssh/model/target.js";
import type { KeptRun } from "../../runs/meantRuns.js";
import { isSafePath } from "../../sync/remote/listing.js";
import type { Run } from "../../sync/runIndex/run.js";
import type { Sync } from "../../sync/syncState.js";
import type { ViewerPlace } from "../kit/viewerPlace.js";

/** The path of a link to a viewer. */
const linkPath = "/open";

/** Maximum characters of a folder's path (PATH_MAX). */
const longestRoot = 4_096;

/** Maximum characters of a run's id; Runicorn's have 22. */
const longestRun = 200;

/** Maximum characters of a link's query. */
const longestQuery = 20_000;

/** The target of a link: the runs of a host, or one of them. */
export interface LinkedPlace extends ViewerPlace {
  readonly run?: KeptRun;
}

/**
 * A link that opens the viewer of this place in anybody's VS Code. @param scheme VS Code's URI scheme, usually
 * `vscode`.
 */
export function linkTo({ target, root, run }: LinkedPlace, scheme: string): string {
  const values = {
    host: formatTarget(target),
    ...(root !== undefined && { root }),
    ...(run?.folder !== undefined && { folder: run.folder }),
    ...(run !== undefined && { run: run.id }),
  };
  const query = Object.entries(values).map(([name, value]) => `${name}=${written(value)}`);
  return `${scheme}://runicorn.runicorn-remote${linkPath}?${query.join("&")}`;
}

/** A link to one run of a synced root. @param scheme as for {@link linkTo}. */
export function runLink(
  { target, root }: Pick<Sync, "target" | "root">,
  { id, folder }: Pick<Run, "id" | "folder">,
  scheme: string,
): string {
  return linkTo({ target, root, run: { id, folder } }, scheme);
}

/** VS Code decodes a query before passing it on, so encode separators twice. */
function written(value: string): string {
  return value.replace(/[^\w\-./:@[\]]/gu, (character) =>
    encodeURIComponent(character).replaceAll("%", "%25"),
  );
}

/** Why a link is invalid. */
export type LinkFault = "unknown" | "too-long" | "no-host" | "host" | "folder" | "run";

/**
 * Parses a link. Its origin is unknown, so ask the user before starting anything.
 * @param query as VS Code passes it: decoded once.
 * @returns a fault if it is invalid, or contains text that cannot be shown unchanged.
 */
export function readLink(path: string, query: string): LinkedPlace | LinkFault {
  if (path !== linkPath) return "unknown";
  if (query.length > longestQuery) return "too-long";
  const named = new Map(query.split("&").map((part) => valueOf(part)));
  const [host, root, folder, run] = ["host", "root", "folder", "run"].map((name) => named.get(name));
  if (host === undefined) return "no-host";
  if (root !== undefined && !isShowableRoot(root)) return "folder";
  if (run !== undefined && (root === undefined || !isRunId(run))) return "run";
  if (folder !== undefined && (run === undefined || !isShowableFolder(folder))) return "folder";
  try {
    const target = parseTarget(host);
    if (displayText(formatTarget(target)) !== formatTarget(target)) return "host";
    return {
      target,
      ...(root !== undefined && { root }),
      ...(run !== undefined && { run: { id: run, ...(folder !== undefined && { folder }) } }),
    };
  } catch {
    return "host";
  }
}

/** Whether a name is ASCII only: other scripts have look-alike letters (homographs). */
export function isPlain({ host, user = "" }: Target): boolean {
  return /^[\x20-\x7e]*$/.test(host + user);
}

/** Maximum characters of a folder's path in a dialog: more would push the buttons off the screen. */
const longestShown = 120;

/** A folder's path for a dialog: in quotation marks, and with an ellipsis in the middle if it is long. */
export function shownRoot(root: string): string {
  const characters = [...displayText(root)];
  const half = longestShown / 2;
  const text =
    characters.length <= longestShown
      ? characters.join("")
      : `${characters.slice(0, half).join("")}…${characters.slice(-half).join("")}`;
  return `"${text}"`;
}

function valueOf(part: string): [string, string] {
  const [name = "", ...rest] = part.split("=");
  const value = rest.join("=");
  try {
    return [name, decodeURIComponent(value)];
  } catch {
    // Written by hand, with a literal percent sign.
    return [name, value];
  }
}

function isShowableRoot(root: string): boolean {
  return root.startsWith("/") && root.length <= longestRoot && displayText(root) === root;
}

/** The folder of a run, relative to its root. */
function isShowableFolder(folder: string): boolean {
  return isSafePath(folder) && folder.length <= longestRoot && displayText(folder) === folder;
}

/** Runicorn's ids are folder names: reject what could be part of a path or URL. */
function isRunId(run: string): boolean {
  return /^[\w.-]+$/.test(run) && !/^\.+$/.test(run) && run.length <= longestRun;
}
