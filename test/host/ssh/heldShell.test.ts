import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { nextEvent } from "../../../src/common/async/event.js";
import { runScript, runShortScript } from "../../../src/ssh/channel/script.js";
import type { Connection } from "../../../src/ssh/model/connection.js";
import {
  connectByConfig,
  createTestClient,
  targetOf,
  type TestClient,
  trusting,
} from "../../support/client.js";
import { type CuttingProxy, startCuttingProxy } from "../../support/cuttingProxy.js";
import { paired } from "../../support/matrix.js";
import { postQuantumOnly } from "../../support/postQuantum.js";
import { processesIn } from "../../support/processes.js";
import { type Sshd, type SshdOptions, startSshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

let client: TestClient;
let server: Sshd | undefined;
let proxy: CuttingProxy | undefined;
beforeEach(async () => {
  client = await createTestClient();
});
afterEach(async () => {
  await client.dispose();
  proxy?.close();
  await server?.stop();
  [server, proxy] = [undefined, undefined];
});

/** Both ways to a host keep one contract. */
const ways = [
  ["in this process", []],
  ["by the system's ssh", postQuantumOnly],
] as const;

interface Host {
  readonly connection: Connection;
  readonly server: Sshd;
}

async function connectTo(way: readonly string[], options: SshdOptions = {}, rc?: string): Promise<Host> {
  server = await startSshd({ ...options, config: [...way, ...(options.config ?? [])] });
  if (rc !== undefined) {
    for (const name of [".bashrc", ".cshrc"]) await writeFile(join(server.home, name), rc);
  }
  return { server, connection: await connectByConfig(client, server) };
}

const echo = (connection: Connection, word: string, script = 'main() { echo "$1"; }'): Promise<string> =>
  runShortScript(connection, script, [word], { timeout: 20_000 }).then(({ output }) =>
    output.toString().trim(),
  );

/** The numbers of the shells that are held for scripts. */
const heldShells = async ({ home }: Sshd): Promise<readonly number[]> =>
  (await processesIn(home))
    .filter(({ commandLine }) => commandLine === "/bin/sh -s")
    .map(({ pid }) => pid)
    .sort((one, other) => one - other);

const numbers = Array.from({ length: 30 }, (_, index) => String(index));

/** Each of these on a host that is reached in one of the ways; `npm run test:matrix` tries both. */
const reached = <T>(all: readonly T[]) =>
  paired(all, ways).map(([one, [name, way]]) => [one, name, way] as const);

describe("short scripts on a host", () => {
  it.each(reached([1, 2, 3, 10]))(
    "that grants %d sessions travel over one, reached %s",
    async (sessions, _name, way) => {
      const { connection, server: host } = await connectTo(way, { config: [`MaxSessions ${sessions}`] });
      expect(await Promise.all(numbers.map((word) => echo(connection, word)))).toEqual(numbers);
      expect(await host.commands()).toEqual(["exec /bin/sh -s"]);
      // Long ones get a session of their own as far as there are any, and run beside the others else.
      const long = 'main() { sleep 0.2; echo "$1"; }';
      const many = numbers.slice(0, 12).map((word) => runScript(connection, long, [word]));
      const shown = (await Promise.all(many)).map(({ output }) => output.toString().trim());
      expect(shown).toEqual(numbers.slice(0, 12));
      expect((await host.commands()).length).toBeLessThanOrEqual(1 + 12);
    },
  );

  it.each(reached(["/bin/bash", "/bin/csh", "/usr/bin/fish"]))(
    "run whatever the login shell: %s, reached %s",
    async (shell, _name, way) => {
      const { connection } = await connectTo(way, { shell }, "echo Welcome; echo 'no end'\n");
      expect(await Promise.all(numbers.map((word) => echo(connection, word)))).toEqual(numbers);
    },
  );

  const startUps = [
    ["prints a megabyte", "head -c 1048576 /dev/zero | tr '\\0' x; head -c 1048576 /dev/zero >&2"],
    ["runs another shell", "exec /bin/sh"],
    ["says nothing on standard error ever after", "exec 2>/dev/null"],
    ["prints now and then", "while sleep 0.01; do printf 'news %s' \"$RANDOM\"; done & "],
  ] as const;
  it.each(reached(startUps).map(([[what, rc], name, way]) => [what, name, rc, way] as const))(
    "run where a start-up file %s, reached %s",
    async (_what, _name, rc, way) => {
      const { connection } = await connectTo(way, { shell: "/bin/bash" }, `${rc}\n`);
      for (const word of ["first", "second"]) expect(await echo(connection, word)).toBe(word);
      expect(await Promise.all(numbers.map((word) => echo(connection, word)))).toEqual(numbers);
    },
  );
});

describe("the held shell of a connection in this process", () => {
  it("that is killed is followed by another one, and what ran in it runs again", async () => {
    const { connection, server: host } = await connectTo([]);
    await echo(connection, "open");
    const [first = 0] = await heldShells(host);
    const once = `main() { echo begun >>"$HOME/begun"; [ "$(wc -l <"$HOME/begun")" -gt 1 ] || sleep 5; echo "$1"; }`;
    const running = echo(connection, "again", once);
    await until("it runs", async () =>
      (await processesIn(host.home)).some(({ commandLine }) => commandLine === "sleep 5"),
    );
    process.kill(first, "SIGKILL");
    expect(await running).toBe("again");
    expect(await echo(connection, "next")).toBe("next");
    expect(connection.state).toBe("open");
    expect(await heldShells(host)).not.toContain(first);
  });

  it("in which a script hangs is ended with it, and the connection stays", async () => {
    const { connection, server: host } = await connectTo([], { config: ["MaxSessions 1"] });
    const hanging = runShortScript(connection, "main() { sleep 1000; }", [], { timeout: 500 });
    await expect(hanging).rejects.toMatchObject({ detail: { code: "exec-timed-out" } });
    expect(await echo(connection, "next")).toBe("next");
    expect(connection.state).toBe("open");
    await until("it is gone", async () =>
      (await processesIn(host.home)).every(({ commandLine }) => commandLine !== "sleep 1000"),
    );
  });

  it("says what a start-up file said that ends it", async () => {
    const { connection } = await connectTo([], { shell: "/bin/bash" }, "echo 'Account locked'; exit 3\n");
    await expect(echo(connection, "never")).rejects.toMatchObject({
      detail: { code: "script-did-not-run", output: "Account locked" },
    });
  });

  it("needs one round trip for one script, and one for thirty; a session of its own needs three", async () => {
    server = await startSshd();
    proxy = await startCuttingProxy(server.port, 25);
    const target = { ...targetOf(server), port: proxy.port };
    const credentials = { identityFiles: [server.identityFile], useAgent: false };
    const connection = await client.connections.connect({ target, credentials }, trusting);
    const turnsOf = async (work: () => Promise<unknown>): Promise<number> => {
      const before = proxy?.turns ?? 0;
      await work();
      return (proxy?.turns ?? 0) - before;
    };
    expect(await turnsOf(() => echo(connection, "opens it"))).toBe(3);
    expect(await turnsOf(() => echo(connection, "one"))).toBe(1);
    expect(await turnsOf(() => Promise.all(numbers.map((word) => echo(connection, word))))).toBe(1);
    expect(await turnsOf(() => runScript(connection, "main() { echo long; }", []))).toBe(3);
  });
});

describe("the held shell of a connection by the system's ssh", () => {
  it("continues with other scripts when one hangs", async () => {
    const { connection } = await connectTo(postQuantumOnly, { config: ["MaxSessions 1"] });
    const hanging = runShortScript(connection, "main() { sleep 5; }", [], { timeout: 500 });
    await expect(hanging).rejects.toMatchObject({ detail: { code: "exec-timed-out" } });
    expect(await echo(connection, "next")).toBe("next");
    await connection.check(5_000);
    expect(connection.state).toBe("open");
  });

  it("ends with the connection, and says so", async () => {
    const { connection, server: host } = await connectTo(postQuantumOnly);
    await echo(connection, "open");
    const lost = nextEvent(connection.onDidClose);
    const hanging = runShortScript(connection, "main() { sleep 5; }", []);
    hanging.catch(() => undefined);
    await host.cutConnections();
    expect(await lost).toMatchObject({ kind: "lost" });
    await expect(hanging).rejects.toMatchObject({ detail: { code: "connection-lost" } });
  });
});
