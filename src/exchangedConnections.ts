import * as z from "zod";
import { savedIdOf } from "./savedConnectionId.js";
import { type SavedConnection, savedConnection } from "./savedConnections.js";

/** The only version of the format until now. */
const version = 1;

const exchanged = z.object({ runicornConnections: z.literal(version), connections: z.array(z.unknown()) });

/** Characters of a name, a path or a host in a file that is read. */
const longestText = 1_000;

/**
 * A file for another machine or another person: names, hosts, environments and roots. No secret, no name under which one
 * is kept, and nothing of when it was used.
 */
export function writeExchanged(connections: readonly SavedConnection[]): string {
  const written = connections.map(({ name, target, identityFile, python, root }) => ({
    name,
    target: { host: target.host, user: target.user, port: target.port },
    identityFile,
    python,
    root,
  }));
  return `${JSON.stringify({ runicornConnections: version, connections: written }, undefined, 2)}\n`;
}

/**
 * The connections of such a file; entries that make no sense are left out. Undefined for a file that is none. What stands
 * there is somebody else's word: only fields that we write are read, and an id is made from the target anew.
 */
export function readExchanged(text: string): readonly SavedConnection[] | undefined {
  const file = exchanged.safeParse(parseJson(text));
  if (!file.success) return undefined;
  return file.data.connections.flatMap((entry): SavedConnection[] => {
    if (typeof entry !== "object" || entry === null) return [];
    const read = savedConnection.safeParse({ ...entry, id: "read" });
    if (!read.success) return [];
    const { name, target, identityFile, python, root } = read.data;
    const { host, user, port } = target;
    const texts = [name, host, user, identityFile, python, root].filter((one) => one !== undefined);

    if (
      host.startsWith("-") ||
      texts.some((one) => one.length > longestText || /[\u0000-\u001f\u007f]/.test(one))
    )
      return [];
    const clean = { host, ...(user !== undefined && { user }), ...(port !== undefined && { port }) };
    return [
      {
        id: savedIdOf(clean),
        name,
        target: clean,
        ...(identityFile !== undefined && { identityFile }),
        ...(python !== undefined && { python }),
        ...(root !== undefined && { root }),
      },
    ];
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
