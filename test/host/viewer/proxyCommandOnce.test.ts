import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silentLogger } from "../../../src/common/logger.js";
import { sessionUrl } from "../../../src/viewer/session/session.js";
import { createTestClient, createTestTunnels, createTestViewers, trusting } from "../../support/client.js";
import { environmentNamed } from "../../support/connectedHost.js";
import { type HostHome, makeHostHome } from "../../support/runicorn/hostHome.js";
import { makeKey, type Sshd, startSshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

let host: HostHome;
let server: Sshd;
beforeEach(async () => {
  host = await makeHostHome();
  server = await startSshd({ home: host.home });
});
afterEach(async () => {
  await server.stop();
  await host.dispose();
});

/** Leads its standard streams to the host and port that are its arguments. */
const netcat =
  "const way = require(`net`).connect(process.argv[2], process.argv[1]); process.stdin.pipe(way).pipe(process.stdout)";

/** Writes a ProxyCommand and a configuration, and opens a viewer in a tunnel that prefers the system's ssh. */
async function openViewer(
  mayRepeat: boolean,
  configure: (command: string, home: string) => readonly string[] = straightThere,
) {
  const client = await createTestClient({}, silentLogger, () => mayRepeat);
  const [pids, command] = [join(client.home, "pids"), join(client.home, "allocate")];
  const lines = ["#!/bin/sh", `echo $$ >>'${pids}'`, `exec '${process.execPath}' -e '${netcat}' "$1" "$2"`];
  await writeFile(command, `${lines.join("\n")}\n`, { mode: 0o755 });
  const config = configure(`${command} %h %p`, client.home).join("\n");
  await writeFile(join(client.home, ".ssh", "config"), `${config}\n`);
  const runs = async (): Promise<number[]> => (await readFile(pids, "utf8")).trim().split("\n").map(Number);
  const connection = await client.connections.connect({ target: { host: "job" } }, trusting);
  const runsOfConnection = await runs();
  let isRefused = false;
  const info = (said: string): boolean => (isRefused ||= said.startsWith("no tunnel through ssh"));
  const backends = ["openssh", "in-process"] as const;
  const logger = { ...silentLogger, info };
  const tunnels = createTestTunnels(backends, client.home, process.env, undefined, logger);
  const viewers = createTestViewers(client, 600, tunnels);
  const environment = await environmentNamed("train", connection);
  const session = await viewers.start(connection, { environment, root: host.root });
  return {
    connection,
    session,
    viewers,
    /** The process of each time that the command was run. */
    runs,
    runsOfConnection,
    /** What carries in the end: the system's ssh takes over from the connection where it can. */
    backend: async () => {
      const carried = () => tunnels.all.map(({ backend }) => backend);
      await until("ssh carries or cannot", () => isRefused || carried().includes("openssh"));
      return carried();
    },
    dispose: async () => {
      await viewers.stopAll();
      await tunnels.closeAll();
      await client.dispose();
    },
  };
}

const block = (name: string, { port, user }: Sshd, identityFile: string): string[] => [
  ...[`Host ${name}`, "HostName 127.0.0.1", `Port ${port}`, `User ${user}`],
  ...[`IdentityFile ${identityFile}`, "IdentitiesOnly yes"],
];

/** The command leads to the host itself. */
function straightThere(command: string): string[] {
  return [...block("job", server, server.identityFile), `ProxyCommand ${command}`];
}

describe("a ProxyCommand", () => {
  it("runs once for a viewer with its tunnel, and once more when the way was lost", async () => {
    const { session, viewers, backend, runs, dispose } = await openViewer(false);
    const ask = async (): Promise<number> =>
      (await fetch(new URL("/api/health", sessionUrl(session)))).status;
    expect(await ask()).toBe(200);
    expect(await backend()).toEqual(["in-process"]);
    const [first, ...others] = await runs();
    expect(others).toEqual([]);
    process.kill(first ?? 0, "SIGKILL");
    await until("the loss is noticed", () => viewers.get(session.id)?.state.kind === "reconnecting");
    await until("it runs again", () => viewers.get(session.id)?.state.kind === "running");
    expect(await ask()).toBe(200);
    expect(await runs()).toHaveLength(2);
    await dispose();
  });

  it("runs once more for the tunnel where the person says that it may", async () => {
    const { backend, runs, dispose } = await openViewer(true);
    expect(await backend()).toEqual(["openssh"]);
    expect(await runs()).toHaveLength(2);
    await dispose();
  });

  it("does not run for the tunnel where the system's ssh had to log in to the jump host", async () => {
    const authority = join(host.home, "ca");
    makeKey(authority, "ed25519", "");
    const gate = await startSshd({
      config: [`TrustedUserCAKeys ${authority}.pub`, "AuthorizedKeysFile none"],
    });
    const { connection, backend, runs, runsOfConnection, dispose } = await openViewer(
      false,
      (command, home) => {
        const key = join(home, ".ssh", "id_certified");
        makeKey(key, "ed25519", "");
        execFileSync("ssh-keygen", ["-q", "-s", authority, "-I", "ada", "-n", gate.user, `${key}.pub`]);
        return [
          ...[...block("gate", gate, key), `ProxyCommand ${command}`],
          ...[...block("job", server, server.identityFile), "ProxyJump gate"],
        ];
      },
    );
    expect(connection.openssh.kind).toBe("possible");
    expect(await backend()).toEqual(["in-process"]);
    // One after the other: our own library was refused, and its run has ended.
    expect(runsOfConnection).toHaveLength(2);
    expect(runsOfConnection.filter(isAlive)).toHaveLength(1);
    expect(await runs()).toEqual(runsOfConnection);
    await dispose();
    await gate.stop();
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
