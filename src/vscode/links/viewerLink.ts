import { displayText } from "../../common/text/displayText.js";
import { formatTarget, parseTarget } from "../../ssh/model/target.js";
import type { ViewerPlace } from "../kit/viewerPlace.js";

/** The path of a link to a viewer. */
const linkPath = "/open";

/** Characters of a folder's path, as Linux bounds it. */
const longestRoot = 4_096;

/** Bounds how much of a link is looked at. */
const longestQuery = 20_000;

/** A link that opens the viewer of this place in somebody's VS Code. @param scheme of that VS Code: `vscode` as a rule. */
export function linkTo({ target, root }: ViewerPlace, scheme: string): string {
  const values = { host: formatTarget(target), ...(root !== undefined && { root }) };
  const query = Object.entries(values).map(([name, value]) => `${name}=${written(value)}`);
  return `${scheme}://runicorn.runicorn-remote${linkPath}?${query.join("&")}`;
}

/** VS Code decodes a query before it hands it on, so that what would end a value there is encoded twice. */
function written(value: string): string {
  return value.replace(/[^\w\-./:@[\]]/gu, (character) =>
    encodeURIComponent(character).replaceAll("%", "%25"),
  );
}

/**
 * Where a link leads. Whoever made it is not known, so that a person is asked before anything is started.
 * @param query as VS Code hands it on: decoded once.
 * @returns undefined for what is none, or holds what could not be shown to a person as it is.
 */
export function readLink(path: string, query: string): ViewerPlace | undefined {
  if (path !== linkPath || query.length > longestQuery) return undefined;
  const named = new Map(query.split("&").map((part) => valueOf(part)));
  const [host, root] = [named.get("host"), named.get("root")];
  if (host === undefined || (root !== undefined && !isShowableRoot(root))) return undefined;
  try {
    const target = parseTarget(host);
    if (displayText(formatTarget(target)) !== formatTarget(target)) return undefined;
    return { target, ...(root !== undefined && { root }) };
  } catch {
    return undefined;
  }
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
