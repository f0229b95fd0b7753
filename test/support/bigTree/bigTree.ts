import { mkdir, rename, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { savedIdOf } from "../../../src/savedConnectionId.js";
import type { SavedConnection } from "../../../src/savedConnections.js";
import type { StoredSession } from "../../../src/viewer/session/sessionStore.js";
import { writeSshConfig } from "../clientHome.js";

/** What a tree holds that was kept by an earlier window. */
export interface BigTree {
  readonly connections: readonly SavedConnection[];
  readonly sessions: readonly StoredSession[];
}

/** Of the viewers' hosts; each has as many. */
const sessionsOnHost = 5;

/**
 * @param sessions spread over every tenth host, from the first.
 * @param firstPort of their local ports, one after the other. Where those of another window are in use still, each gets
 * another one, which costs more.
 */
export function bigTree(hosts: number, sessions: number, firstPort = 21_000): BigTree {
  const connections = Array.from({ length: hosts }, (_, at): SavedConnection => {
    const target = { host: `host-${String(at).padStart(4, "0")}` };
    return { id: savedIdOf(target), name: target.host, target, root: "/data/runs" };
  });
  return {
    connections,
    sessions: Array.from({ length: sessions }, (_, at) => {
      const target = connections[Math.floor(at / sessionsOnHost) * 10]?.target ?? { host: "host-0000" };
      return storedSession(at, target, firstPort + at);
    }),
  };
}

function storedSession(at: number, target: StoredSession["target"], localPort: number): StoredSession {
  return {
    id: at.toString(16).padStart(8, "0"),
    connectionId: `ada@${target.host}.example:22`,
    target,
    remotePort: 1,
    localPort,
    python: "/home/ada/.venv/bin/python",
    environmentName: "train",
    environmentKind: "venv",
    root: `/data/runs-${at}`,
    startedAt: 1_700_000_000_000 + at,
    kept: false,
    stopWanted: false,
    owners: [],
    ownerProcesses: [],
  };
}

/** A server that takes every connection and says nothing: whoever connects goes on waiting. */
export async function startSilentServer(): Promise<Server> {
  const server = createServer((socket) => socket.on("error", () => undefined));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

/** All hosts of big trees are this port of this machine. */
export async function writeBigTreeConfig(home: string, server: Server): Promise<void> {
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  await writeSshConfig(home, [{ alias: "host-*", port, user: "ada" }]);
}

/** @param dataFolder where the extension keeps its files. */
export async function writeBigTree(dataFolder: string, tree: BigTree): Promise<void> {
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  await writeConnections(dataFolder, tree.connections);
  await writeFile(join(dataFolder, "sessions.json"), JSON.stringify(tree.sessions), { mode: 0o600 });
}

/** As another program does: in one step. */
export async function writeConnections(
  dataFolder: string,
  connections: readonly SavedConnection[],
): Promise<void> {
  const file = join(dataFolder, "connections.json");
  await writeFile(`${file}.new`, JSON.stringify(connections), { mode: 0o600 });
  await rename(`${file}.new`, file);
}
