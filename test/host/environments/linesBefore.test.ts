import { existsSync } from "node:fs";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { lacksLibrary } from "../../../src/environments/environment.js";
import { createEnvironments } from "../../../src/environments/environments.js";
import type { LinesBefore } from "../../../src/environments/lines/lines.js";
import { runAfterLines } from "../../../src/environments/lines/runAfterLines.js";
import type { Connection } from "../../../src/ssh/model/connection.js";
import { listHostSessions } from "../../../src/viewer/remote/hostSessions.js";
import { createTestClient, createTestTunnels, createTestViewers } from "../../support/client.js";
import { processesIn } from "../../support/processes.js";
import { makeEnvironment } from "../../support/runicorn/environments.js";
import { runicornVersions } from "../../support/runicorn/install.js";
import { makeModulePython, noModulePython } from "../../support/runicorn/modulePython.js";
import { type SshdOptions, startSshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function makeHost(options: Omit<SshdOptions, "home"> = { shell: "/bin/bash" }) {
  const home = await mkdtemp(join(tmpdir(), "lines-"));
  cleanUps.push(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));
  const sshd = await startSshd({ home, ...options });
  cleanUps.push(() => sshd.stop());
  const client = await createTestClient();
  cleanUps.push(() => client.dispose());
  return { home, client, connection: await client.connectTo(sshd) };
}

/** Lines of the host, and of one interpreter. */
function linesOf(
  host: readonly string[],
  own: Readonly<Record<string, readonly string[]>> = {},
): LinesBefore {
  return {
    of: (_target, python) => Promise.resolve([...host, ...((python && own[python]) || [])]),
    pythons: () => Promise.resolve(Object.keys(own)),
  };
}

const echo = "main() { printf '%s' \"$1 $NAME\"; cat; echo talk >&2; return 5; }";

function run(connection: Connection, lines: readonly string[], script = echo) {
  return runAfterLines(connection, { script, args: ["it's"], lines });
}

const shells: [string, SshdOptions & { readonly shell?: string }][] = [
  ["sh", {}],
  ["bash", { shell: "/bin/bash" }],
  ["zsh", { shell: "/usr/bin/zsh" }],
  ["fish", { shell: "/usr/bin/fish" }],
  ["in a server's only session", { config: ["MaxSessions 1"] }],
];

describe("lines that run before a script", () => {
  it.each(shells.filter(([, { shell = "/bin/sh" }]) => existsSync(shell)))(
    "leave their environment to it, and nothing of what they print (%s)",
    async (_, options) => {
      const { connection, home } = await makeHost(options);
      // Then the shell that is held has the only session.
      if (options.config) await connection.heldShell.run(Buffer.from("true"));
      await writeFile(join(home, ".profile"), "echo welcome; echo warning >&2; read answer\n");
      const { output, code, stderr } = await run(connection, [
        "echo noise; printf '\\nnoise'; echo '<<000000000000000000000000'",
        "cat; head -c 300000 /dev/zero | tr '\\0' x",
        "export NAME='a b'",
        "(sleep 600 &)",
        "cd /",
      ]);
      expect(output.toString()).toBe("it's a b");
      expect(code).toBe(5);
      expect(stderr.toString().trim()).toBe("talk");
      for (const { pid, commandLine } of await processesIn("/"))
        if (commandLine === "sleep 600") process.kill(pid);
    },
  );

  it.each([
    ["fails", ["true", "ls /nowhere", "true"], 2, /No such file/],
    ["ends the shell", ["echo bye; exit 4"], 1, /bye/],
    ["is no command", ["no-such-command"], 1, /not found/],
    ["has a mistake", ["if true"], 1, /syntax error|unexpected/],
  ])("are named by their number where one %s", async (_, lines, line, output) => {
    const { connection } = await makeHost();
    await expect(run(connection, lines)).rejects.toMatchObject({
      detail: {
        code: "lines-failed",
        host: "127.0.0.1",
        line,
        output: expect.stringMatching(output) as string,
      },
    });
  });

  it("are not repeated where the shell repeats them, for they may be secret", async () => {
    const { connection } = await makeHost();
    const failed: unknown = await run(connection, ["export TOKEN='s3cr3t (value"]).catch(
      (error: unknown) => error,
    );
    expect(failed).toMatchObject({ detail: { code: "lines-failed", line: 1 } });
    expect(JSON.stringify(failed)).not.toContain("s3cr3t");
  });

  it("have some seconds together, and nothing of them runs on then", async () => {
    const { connection, home } = await makeHost();
    const lines = ["true", "echo waiting; cd; sh -c 'sleep 700; true'"];
    const following = { script: echo, args: [], lines, seconds: 2 };
    await expect(runAfterLines(connection, following)).rejects.toMatchObject({
      detail: { code: "lines-failed", line: 2, seconds: 2, output: "waiting" },
    });
    await until("nothing is left", async () => (await processesIn(home)).length === 0);
  });

  it("are killed when the caller cancels", async () => {
    const { connection, home } = await makeHost();
    const cancel = new AbortController();
    const following = { script: echo, args: [], lines: ["sleep 800"] };
    const running = runAfterLines(connection, following, { signal: cancel.signal });
    const isThere = async (): Promise<boolean> =>
      (await processesIn(home)).some(({ commandLine }) => commandLine === "sleep 800");
    await until("the line runs", isThere);
    cancel.abort();
    await expect(running).rejects.toThrow();
    await until("nothing is left", async () => (await processesIn(home)).length === 0);
  });

  it("are in no argument and no environment of any process, nor in a file", async () => {
    const { connection, home } = await makeHost();
    const secret = "hidden-0815";
    const lines = [`SECRET=${secret}`, "export NAME=open"];
    const script = "main() { cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'; }";
    const { output } = await run(connection, lines, script);
    expect(output.toString()).toContain("NAME=open");
    expect(output.toString()).not.toContain(secret);
    for (const name of await readdir(home, { recursive: true }))
      expect(await readFile(join(home, name), "utf8").catch(() => "")).not.toContain(secret);
  });
});

describe.skipIf(noModulePython)(`a Python of a module (${noModulePython ?? "here"})`, () => {
  it("is listed with what it lacks, and starts a viewer once its line is there", async () => {
    const { connection, home, client } = await makeHost();
    const { python, line } = await makeModulePython(home, runicornVersions.newest);
    await makeEnvironment(join(home, "venvs", "plain"), runicornVersions.newest);
    const own: Record<string, readonly string[]> = {};
    const lines = linesOf([], own);
    const environments = createEnvironments({ lines });
    const find = async () => {
      const { environments: all } = await environments.list(connection);
      return all.find((one) => one.python === python) ?? expect.fail("it is not listed");
    };
    const lacking = await find();
    expect(lacking.problem).toMatch(/error while loading shared libraries/);
    expect(lacksLibrary(lacking)).toBe(true);
    expect(lacking.runicornVersion).toBe(runicornVersions.newest);

    own[python] = ["module load nothing"];
    expect((await find()).problem).toBe("module: nothing is unknown");

    own[python] = [line];
    const found = await find();
    expect(found).toMatchObject({ name: "module", kind: "venv", runicornVersion: runicornVersions.newest });
    expect(found.problem).toBeUndefined();
    const tunnels = createTestTunnels();
    const viewers = createTestViewers(client, 600, tunnels, process.pid, lines);
    const root = join(home, "runs");
    const session = await viewers.start(connection, { environment: found, root, createRoot: true });
    expect(session.state.kind).toBe("running");
    const supervisors = async () =>
      (await processesIn(home)).filter(({ commandLine }) => commandLine.includes("supervisor.py"));
    const [first] = await supervisors();
    process.kill(first?.pid ?? expect.fail("no supervisor"), "SIGKILL");
    await until("it has ended", async () => !(await supervisors()).some(({ pid }) => pid === first?.pid));
    // On this machine, other tests have viewers too.
    const theirs = (await listHostSessions(connection)).sessions.filter((one) => one.root === root);
    expect(theirs).toMatchObject([{ status: { kind: "running" } }]);
    const [second] = await supervisors();
    // The same interpreter, by its library.
    expect(second?.commandLine).toContain(python);
    await viewers.stop(session.id);
    await tunnels.closeAll();

    const all = createEnvironments({ lines: linesOf([line]) });
    const { environments: listed } = await all.list(connection);
    expect(listed.find((one) => one.python === python)).toMatchObject({ problem: undefined });
  });
});
