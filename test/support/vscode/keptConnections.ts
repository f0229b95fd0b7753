import { mkdir, readFile, writeFile } from "node:fs/promises";
import { savedIdOf } from "../../../src/savedConnectionId.js";
import type { SavedConnection } from "../../../src/savedConnections.js";
import type { Scene } from "./stage.js";

/** Loads the window anew with these connections, and these lines of known hosts, as if an earlier window had kept them. */
export async function loadWithConnections(
  { window, dataFile }: Scene,
  connections: readonly Omit<SavedConnection, "id">[],
  knownHosts?: string,
): Promise<void> {
  const saved = connections.map((one): SavedConnection => ({ id: savedIdOf(one.target), ...one }));
  await mkdir(dataFile(""), { recursive: true, mode: 0o700 });
  await writeFile(dataFile("connections.json"), JSON.stringify(saved), { mode: 0o600 });
  if (knownHosts !== undefined) await writeFile(dataFile("known_hosts"), knownHosts, { mode: 0o600 });
  await window.reload();
}

/** The connections that the window keeps. */
export async function keptConnections({ dataFile }: Scene): Promise<readonly SavedConnection[]> {
  return JSON.parse(await readFile(dataFile("connections.json"), "utf8")) as SavedConnection[];
}
