import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startScript } from "../../../src/ssh/channel/script.js";
import { createFiles } from "../../../src/files/files.js";
import type { Connection, RemoteProcess } from "../../../src/ssh/model/connection.js";
import { connectByConfig, createTestClient, type TestClient } from "../../support/client.js";
import { paired } from "../../support/matrix.js";
import { postQuantumOnly } from "../../support/postQuantum.js";
import { type Sshd, startSshd } from "../../support/sshd.js";

let client: TestClient;
let server: Sshd | undefined;
beforeEach(async () => {
  client = await createTestClient();
});
afterEach(async () => {
  await client.dispose();
  await server?.stop();
  server = undefined;
});

interface Way {
  readonly config: readonly string[];
  /** Sessions that the connection itself needs: the system's ssh holds one. */
  readonly ofTheConnection: number;
}

/** Both ways to a host keep one contract. */
const ways: readonly (readonly [string, Way])[] = [
  ["in this process", { config: [], ofTheConnection: 0 }],
  ["by the system's ssh", { config: postQuantumOnly, ofTheConnection: 1 }],
];

/** @param sessions those that are left for commands. */
async function connectWith({ config, ofTheConnection }: Way, sessions: number): Promise<Connection> {
  server = await startSshd({ config: [...config, `MaxSessions ${sessions + ofTheConnection}`] });
  return connectByConfig(client, server);
}

/** Holds a session until it is ended. */
async function hold(connection: Connection): Promise<RemoteProcess> {
  const held = await startScript(connection, "main() { cat; }", []);
  held.stdout.resume();
  held.stderr.resume();
  return held;
}

it.each(paired([1, 2, 3, 10], ways).map(([sessions, [name, way]]) => [sessions, name, way] as const))(
  "a server with %d sessions runs thirty commands at once, reached %s",
  async (sessions, _name, way) => {
    const connection = await connectWith(way, sessions);
    const many = Array.from({ length: 30 }, (_, index) => connection.exec(`echo ${index}`));
    expect((await Promise.all(many)).map(({ stdout }) => Number(stdout))).toEqual([...many.keys()]);
  },
);

describe.each(ways)("a server with few sessions, reached %s", (_name, way) => {
  it("is not said to lack SFTP when all are held by what stays", async () => {
    const connection = await connectWith(way, 1);
    const held = await connection.spawn("cat", { slot: "stays" });
    await expect(createFiles().list(connection, "~")).rejects.toMatchObject({
      detail: { code: "channel-refused" },
    });
    held.kill();
  });

  it("lets a command wait while others hold them all, and begins it when one ends", async () => {
    const connection = await connectWith(way, 2);
    const [first] = await Promise.all([hold(connection), hold(connection)]);
    let isDone = false;
    const waiting = connection.exec("echo late").finally(() => (isDone = true));
    await expect(connection.spawn("true", { slot: "now" })).rejects.toMatchObject({
      detail: { code: "channel-refused" },
    });
    expect(isDone).toBe(false);
    first.stdin.end();
    expect((await waiting).stdout.toString()).toBe("late\n");
  });

  it("says at once that there is no place where the only one stays taken", async () => {
    const connection = await connectWith(way, 1);
    const staying = await connection.spawn("cat", { slot: "stays" });
    staying.stderr.resume();
    for (let times = 0; times < 2; times += 1) {
      await expect(connection.exec("true")).rejects.toMatchObject({ detail: { code: "channel-refused" } });
    }
    staying.stdin.write("still here\n");
    expect(String((await once(staying.stdout, "data"))[0])).toBe("still here\n");
    await connection.check(5_000);
    expect(connection.state).toBe("open");
  });

  it("drops a queued command when it is cancelled or times out", async () => {
    const connection = await connectWith(way, 1);
    const held = await hold(connection);
    await expect(connection.exec("true", { timeout: 300 })).rejects.toMatchObject({
      detail: { code: "exec-timed-out" },
    });
    const stop = new AbortController();
    const waiting = connection.exec("true", { signal: stop.signal });
    stop.abort();
    await expect(waiting).rejects.toThrow("cancelled");
    held.stdin.end();
    expect((await connection.exec("echo free")).stdout.toString()).toBe("free\n");
  });

  it("refuses every session where the server allows none", async () => {
    const connection = await connectWith(way, 0);
    await expect(connection.exec("true")).rejects.toMatchObject({
      detail: { code: "channel-refused" },
    });
  });
});
