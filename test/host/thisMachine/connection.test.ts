import { mkdir, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeBytes } from "../../../src/common/text/bytes.js";
import { Cancelled } from "../../../src/common/failure.js";
import { createFiles } from "../../../src/files/files.js";
import { runScript, runShortScript } from "../../../src/ssh/channel/script.js";
import { unattended } from "../../../src/ssh/model/interaction.js";
import { thisMachine } from "../../../src/ssh/model/thisMachine.js";
import { parseTarget } from "../../../src/ssh/model/target.js";
import { processesNaming } from "../../support/processes.js";
import { connectHere, type MachineOfOnesOwn } from "../../support/thisMachine.js";
import { until } from "../../support/until.js";

let stage: MachineOfOnesOwn;
beforeAll(async () => {
  stage = await connectHere({ VSCODE_IPC_HOOK_CLI: "x", ELECTRON_RUN_AS_NODE: "1", TRAINING_DATA: "/data" });
});
afterAll(() => stage.dispose());

describe("a connection to this machine", () => {
  it("is a single one, and its name is no SSH host", async () => {
    const { connections } = stage.client;
    expect(await connections.connect({ target: thisMachine }, unattended)).toBe(stage.connection);
    expect(await connections.present({ target: thisMachine })).toBe(stage.connection);
    expect(() => parseTarget(thisMachine.host)).toThrow("target-invalid");
  });

  it("runs commands in the home, with the person's environment and without VS Code's own", async () => {
    const { stdout, code } = await stage.connection.exec("pwd; env; exit 3");
    const said = stdout.toString();
    expect(said.split("\n")[0]).toBe(stage.host.home);
    expect(said).toContain("TRAINING_DATA=/data");
    expect(said).not.toMatch(/VSCODE_|ELECTRON_/);
    expect(code).toBe(3);
  });

  it("tells of a signal, reads all of a long output, and feeds standard input", async () => {
    expect(await stage.connection.exec("kill -9 $$")).toMatchObject({ code: undefined, signal: "KILL" });
    const long = await stage.connection.exec("head -c 5000000 /dev/zero; echo end >&2");
    expect([long.stdout.length, long.stderr.toString()]).toEqual([5_000_000, "end\n"]);
    expect((await stage.connection.exec("cat", { stdin: "hello" })).stdout.toString()).toBe("hello");
  });

  it("ends a command with all that it started when that is cancelled, and in time", async () => {
    const cancel = new AbortController();
    const mark = `here-${process.pid}`;
    const running = stage.connection.exec(`sh -c 'sleep 600; : ${mark}' & sleep 600; : ${mark}`, {
      signal: cancel.signal,
    });
    await until("it runs", async () => (await processesNaming(mark)).length >= 2);
    cancel.abort();
    await expect(running).rejects.toThrow(Cancelled);
    await until("it has ended", async () => (await processesNaming(mark)).length === 0);
    await expect(stage.connection.exec("sleep 600", { timeout: 50 })).rejects.toThrow("exec-timed-out");
  });

  it("kills what ignores that it is to end, with all that it started, and closing waits for it", async () => {
    const other = await connectHere();
    const cancel = new AbortController();
    const mark = `deaf-${process.pid}`;
    const marked = async () => (await processesNaming(mark)).length;
    const deaf = `trap '' TERM; sh -c 'sleep 600; : ${mark}' >/dev/null & sleep 600; : ${mark}`;
    const running = other.connection.exec(deaf, { signal: cancel.signal });
    await until("it runs", async () => (await marked()) >= 2);
    cancel.abort();
    await expect(running).rejects.toThrow(Cancelled);
    await until("it was killed", async () => (await marked()) === 0);

    const cut = other.connection.exec(deaf);
    cut.catch(() => undefined);
    await until("it runs again", async () => (await marked()) >= 2);
    // What it was sent first ends the shell alone.
    const half = other.connection.exec(`sh -c 'trap "" TERM; sleep 600; : ${mark}' & : ${mark}; wait`);
    half.catch(() => undefined);
    await until("the other one runs too", async () => (await marked()) >= 4);
    await other.dispose();
    expect(await marked()).toBe(0);
  }, 20_000);

  it("runs scripts, alone and in the held shell, and many at once", async () => {
    const script = "main() { printf '%s' \"$1\"; }";
    expect((await runScript(stage.connection, script, ["a 'b' \udcff"])).output).toEqual(
      encodeBytes("a 'b' \udcff"),
    );
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, number) => runShortScript(stage.connection, script, [`${number}`])),
    );
    expect(answers.map(({ output }) => output.toString())).toEqual(answers.map((_, number) => `${number}`));
  });

  it("opens streams to ports and sockets, and says in the system's words why not", async () => {
    const server = createServer((socket) => socket.end("hi"));
    const path = join(stage.host.home, "s");
    server.listen(path);
    await once(server, "listening");
    const stream = await stage.connection.forwardSocket?.(path);
    expect(await stream?.toArray()).toEqual([Buffer.from("hi")]);
    server.close();
    await expect(stage.connection.forwardSocket?.(join(stage.host.home, "none"))).rejects.toMatchObject({
      detail: { code: "channel-refused", reason: expect.stringContaining("ENOENT") as string },
    });
  });
});

describe("its files", () => {
  const files = createFiles();
  const codeOf = (path: string) =>
    files.list(stage.connection, path).catch((error: { detail: unknown }) => error.detail);

  it("are listed with every byte of their names, what links lead to, and folders first", async () => {
    const folder = join(stage.host.home, "mixed");
    await mkdir(join(folder, "z-folder"), { recursive: true });
    await writeFile(join(folder, "b"), "12345");
    await writeFile(Buffer.concat([encodeBytes(`${folder}/`), Buffer.from([0xff])]), "");
    await symlink("z-folder", join(folder, "a-link"));
    await symlink("nowhere", join(folder, "dangling"));
    const { path, entries } = await files.list(stage.connection, "~/mixed");
    expect(path).toBe(folder);
    expect(entries.map(({ name, kind, size }) => [name, kind, size])).toEqual([
      ["a-link", "folder", 0],
      ["z-folder", "folder", 0],
      ["b", "file", 5],
      ["dangling", "other", 0],
      ["\udcff", "file", 0],
    ]);
  });

  it("are told from what is missing or no folder", async () => {
    expect(await codeOf("~/none")).toMatchObject({ code: "path-missing" });
    expect(await codeOf("~/mixed/b")).toMatchObject({ code: "path-not-folder" });
    expect(await codeOf(`~/${"x".repeat(300)}`)).toMatchObject({ code: "path-invalid" });
    expect(await files.look(stage.connection, "mixed/b")).toMatchObject({ kind: "file" });
    expect(await files.look(stage.connection, "~/none")).toMatchObject({ kind: "missing" });
  });
});
