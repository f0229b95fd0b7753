import * as z from "zod";
import { savedIdOf } from "./savedConnectionId.js";
import { carriedOver, type SavedConnection, savedConnection } from "./savedConnections.js";
import { isTarget, parseJumpHosts } from "./ssh/model/target.js";

/** The only version of the format until now. */
const version = 1;

const exchanged = z.object({ runicornConnections: z.literal(version), connections: z.array(z.unknown()) });

/** Connections that a file may hold: what is shown is to stay a list that a person can use. */
export const mostExchanged = 2_000;

/** Characters of a name or a path in a file that is read. */
const longestText = 1_000;

/**
 * A file for another machine or another person: names, groups, hosts, environments and roots. No secret, no name under which one
 * is kept, and nothing of when it was used.
 */
export function writeExchanged(connections: readonly SavedConnection[]): string {
  const written = connections.map(
    ({ name, target, identityFile, authentication, jump, python, root, group }) => ({
      name,
      target: { host: target.host, user: target.user, port: target.port },
      identityFile,
      authentication,
      jump,
      python,
      root,
      group,
    }),
  );
  return `${JSON.stringify({ runicornConnections: version, connections: written }, undefined, 2)}\n`;
}

/**
 * The connections of such a file; entries that make no sense are left out, and of those to one host all but the first. What
 * stands there is somebody else's word: only fields that we write are read, and an id is made from the target anew.
 * @returns `no-connections` for a file that is none, `too-many` for one with more than {@link mostExchanged} entries.
 */
export function readExchanged(text: string): readonly SavedConnection[] | "no-connections" | "too-many" {
  const file = exchanged.safeParse(parseJson(text));
  if (!file.success) return "no-connections";
  if (file.data.connections.length > mostExchanged) return "too-many";
  const byId = new Map<string, SavedConnection>();
  for (const one of readEntries(file.data.connections)) if (!byId.has(one.id)) byId.set(one.id, one);
  return [...byId.values()];
}

function readEntries(entries: readonly unknown[]): readonly SavedConnection[] {
  return entries.flatMap((entry): SavedConnection[] => {
    if (typeof entry !== "object" || entry === null) return [];
    const read = savedConnection.safeParse({ ...entry, id: "read" });
    if (!read.success || !isTarget(read.data.target)) return [];
    const { name, target, identityFile, jump, python, root, group } = read.data;
    const { host, user, port } = target;
    const texts = [name, identityFile, jump, python, root, group].filter((one) => one !== undefined);

    if (texts.some((one) => one.length > longestText || /[\u0000-\u001f\u007f]/.test(one))) return [];
    if (jump !== undefined && !areJumpHosts(jump)) return [];
    const clean = { host, ...(user !== undefined && { user }), ...(port !== undefined && { port }) };
    return [
      {
        id: savedIdOf(clean),
        name,
        target: clean,
        imported: true,
        ...carriedOver(read.data),
      },
    ];
  });
}

function areJumpHosts(text: string): boolean {
  try {
    return parseJumpHosts(text).length >= 0;
  } catch {
    return false;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
