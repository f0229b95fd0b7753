import { displayText } from "../../common/text/displayText.js";
import { formatTarget, parseTarget, type Target } from "../../ssh/model/target.js";
import type { Sync } from "../../sync/syncState.js";
import type { ViewerPlace } from "../kit/viewerPlace.js";

/** The path of a link to a viewer. */
const linkPath = "/open";

/** Characters of a folder's path, as Linux bounds it. */
const longestRoot = 4_096;

/** Characters of a run's id; Runicorn's own have 22. */
const longestRun = 200;

/** Bounds how much of a link is looked at. */
const longestQuery = 20_000;

/** Where a link leads: the runs of a host, or one of them. */
export interface LinkedPlace extends ViewerPlace {
  /** The id of a run. */
  readonly run?: string;
}

/** A link that opens the viewer of this place in somebody's VS Code. @param scheme of that VS Code: `vscode` as a rule. */
export function linkTo({ target, root, run }: LinkedPlace, scheme: string): string {
  const values = {
    host: formatTarget(target),
    ...(root !== undefined && { root }),
    ...(run !== undefined && { run }),
  };
  const query = Object.entries(values).map(([name, value]) => `${name}=${written(value)}`);
  return `${scheme}://runicorn.runicorn-remote${linkPath}?${query.join("&")}`;
}

/** A link to one run of a copied root. @param scheme as for {@link linkTo}. */
export function runLink(
  { target, root }: Pick<Sync, "target" | "root">,
  run: string,
  scheme: string,
): string {
  return linkTo({ target, root, run }, scheme);
}

/** VS Code decodes a query before it hands it on, so that what would end a value there is encoded twice. */
function written(value: string): string {
  return value.replace(/[^\w\-./:@[\]]/gu, (character) =>
    encodeURIComponent(character).replaceAll("%", "%25"),
  );
}

/** Why a link leads nowhere. */
export type LinkFault = "unknown" | "too-long" | "no-host" | "host" | "folder" | "run";

/**
 * Where a link leads. Whoever made it is not known, so that a person is asked before anything is started.
 * @param query as VS Code hands it on: decoded once.
 * @returns why not, for what is none, or holds what could not be shown to a person as it is.
 */
export function readLink(path: string, query: string): LinkedPlace | LinkFault {
  if (path !== linkPath) return "unknown";
  if (query.length > longestQuery) return "too-long";
  const named = new Map(query.split("&").map((part) => valueOf(part)));
  const [host, root, run] = ["host", "root", "run"].map((name) => named.get(name));
  if (host === undefined) return "no-host";
  if (root !== undefined && !isShowableRoot(root)) return "folder";
  if (run !== undefined && (root === undefined || !isRunId(run))) return "run";
  try {
    const target = parseTarget(host);
    if (displayText(formatTarget(target)) !== formatTarget(target)) return "host";
    return { target, ...(root !== undefined && { root }), ...(run !== undefined && { run }) };
  } catch {
    return "host";
  }
}

/** Whether no character of a name passes for another one: letters of other scripts look like ours. */
export function isPlain({ host, user = "" }: Target): boolean {
  return /^[\x20-\x7e]*$/.test(host + user);
}

/** Characters of a folder's path in a question: more would push the buttons off the screen. */
const longestShown = 120;

/** A folder's path as a question shows it: in quotation marks, and without its middle where it is long. */
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
    // Written by hand, with a percent sign of its own.
    return [name, value];
  }
}

function isShowableRoot(root: string): boolean {
  return root.startsWith("/") && root.length <= longestRoot && displayText(root) === root;
}

/** Runicorn's ids are the names of folders; what would be read as more of a path or of an address is none. */
function isRunId(run: string): boolean {
  return /^[\w.-]+$/.test(run) && !/^\.+$/.test(run) && run.length <= longestRun;
}
