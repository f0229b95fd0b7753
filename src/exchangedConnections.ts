import * as z from "zod";
import { savedIdOf } from "./savedConnectionId.js";
import { carriedOver, type SavedConnection, savedConnection } from "./savedConnections.js";
import { isTarget, parseJumpHosts } from "./ssh/model/target.js";

/** The only version of the format so far. */
const version = 1;

const exchanged = z.object({ runicornConnections: z.literal(version), connections: z.array(z.unknown()) });

/** Maximum number of connections in a file: a longer list would be unusable. */
export const mostExchanged = 2_000;

/** Maximum characters of a name or a path in an imported file. */
const longestText = 1_000;

/**
 * Writes a file for another machine or user: names, groups, hosts, environments and roots. Without secrets, their keys in
 * the secret store, and usage times.
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
 * Reads such a file. Skips invalid entries, and all but the first for the same target. The file is untrusted: only known
 * fields are read, and ids are derived from the targets.
 * @returns `no-connections` for another kind of file, `too-many` for more than {@link mostExchanged} entries.
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
