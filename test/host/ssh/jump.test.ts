import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Connection } from "../../../src/ssh/model/connection.js";
import { type Interaction, unattended } from "../../../src/ssh/model/interaction.js";
import { createTestClient, type TestClient, trusting, trustingOnceAsked } from "../../support/client.js";
import { freePort } from "../../support/ports.js";
import { type Sshd, startSshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

let login: Sshd;
let middle: Sshd;
let gpu: Sshd;
let client: TestClient;
beforeAll(async () => {
  [login, middle, gpu] = await Promise.all([startSshd(), startSshd(), startSshd()]);
});
afterAll(async () => {
  await Promise.all([login, middle, gpu].map((server) => server.stop()));
});
beforeEach(async () => {
  client = await createTestClient();
});
afterEach(() => client.dispose());

const block = (alias: string, { port, user, identityFile }: Sshd, ...more: string[]): string =>
  [
    `Host ${alias}`,
    "HostName 127.0.0.1",
    `Port ${port}`,
    `User ${user}`,
    `IdentityFile ${identityFile}`,
    "IdentitiesOnly yes",
    ...more,
    "",
  ].join("\n");

const configure = (...blocks: string[]): Promise<void> =>
  writeFile(join(client.home, ".ssh", "config"), blocks.join("\n"));

const connect = (host: string, person: Interaction = trusting): Promise<Connection> =>
  client.connections.connect({ target: { host } }, person);

/** Where the server says that its client came from. */
async function cameFrom(connection: Connection): Promise<number> {
  const { stdout } = await connection.exec('echo "$SSH_CONNECTION"');
  return Number(stdout.toString().trim().split(" ").at(-1));
}

describe("a jump host", () => {
  it("leads to the host; each asks about its own key and uses its own credentials", async () => {
    await configure(block("login", login), block("gpu", gpu, "ProxyJump login"));
    const { questions, person } = trustingOnceAsked();
    const before = (await login.log()).length;
    const connection = await connect("gpu", person);
    expect(await cameFrom(connection)).toBe(gpu.port);
    expect(connection.id).toBe(`${gpu.user}@127.0.0.1:${gpu.port} via login`);
    expect(questions.map(({ host, onTheWayTo, key }) => [host, onTheWayTo, key.fingerprint])).toEqual([
      ["login", "gpu", login.hostKey.fingerprint],
      ["gpu", undefined, gpu.hostKey.fingerprint],
    ]);
    expect((await login.log()).slice(before)).toMatch(
      new RegExp(`direct-tcpip.*target 127.0.0.1 port ${gpu.port}|connect_next.*${gpu.port}`),
    );
  });

  it("can be several, named in one line or each by its own entry", async () => {
    await configure(
      block("login", login),
      block("middle", middle, "ProxyJump login"),
      block("middle-alone", middle),
      block("one-line", gpu, "ProxyJump login,middle-alone"),
      block("each-its-own", gpu, "ProxyJump middle"),
    );
    for (const alias of ["one-line", "each-its-own"]) {
      const before = await Promise.all([login, middle].map(async (hop) => (await hop.log()).length));
      const connection = await connect(alias);
      expect(await cameFrom(connection)).toBe(gpu.port);
      const said = await Promise.all([login, middle].map((hop) => hop.log()));
      expect(said[0]?.slice(before[0])).toContain(`port ${middle.port}`);
      expect(said[1]?.slice(before[1])).toContain(`port ${gpu.port}`);
      await connection.close();
    }
  });

  it("is shared by those who go through it, and left when the last has gone", async () => {
    await configure(
      block("login", login),
      block("gpu", gpu, "ProxyJump login"),
      block("middle", middle, "ProxyJump login"),
    );
    const logins = async (): Promise<number> => (await login.log()).split("Accepted publickey").length - 1;
    const goodbyes = async (): Promise<number> =>
      (await login.log()).split(/Disconnected from user|Connection closed by user/).length - 1;
    const [before, beforeGoodbyes] = [await logins(), await goodbyes()];
    const [one, other] = await Promise.all([connect("gpu"), connect("middle")]);
    expect(await logins()).toBe(before + 1);
    await one.close();
    expect((await other.exec("echo still here")).stdout.toString()).toBe("still here\n");
    expect(await goodbyes()).toBe(beforeGoodbyes);
    await other.close();
    await until("the jump host is left", async () => (await goodbyes()) === beforeGoodbyes + 1);
  });

  it("is the one that a person chose for the connection, or none, whatever the configuration says", async () => {
    await configure(block("login", login), block("middle", middle), block("gpu", gpu, "ProxyJump login"));
    const target = { host: "gpu" };
    const through = (...jump: string[]): Promise<Connection> =>
      client.connections.connect({ target, jump: jump.map((host) => ({ host })) }, trusting);
    const [before, beforeLogin] = [(await middle.log()).length, (await login.log()).length];
    const connection = await through("middle");
    expect(connection.id).toBe(`${gpu.user}@127.0.0.1:${gpu.port} via middle`);
    expect((await middle.log()).slice(before)).toContain(`port ${gpu.port}`);
    expect((await through()).id).toBe(`${gpu.user}@127.0.0.1:${gpu.port}`);
    expect((await login.log()).slice(beforeLogin)).toBe("");
  });

  it("tells hosts of the same address apart", async () => {
    await configure(
      block("login", login),
      block("middle", middle),
      block("here", gpu, "ProxyJump login"),
      block("there", gpu, "ProxyJump middle"),
    );
    const [here, there] = [await connect("here"), await connect("there")];
    expect(there).not.toBe(here);
    expect(await connect("here")).toBe(here);
  });
});

describe("a jump host that fails", () => {
  it("is named: its key is not trusted", async () => {
    await configure(block("login", login), block("gpu", gpu, "ProxyJump login"));
    const before = (await gpu.log()).length;
    await expect(connect("gpu", unattended)).rejects.toMatchObject({
      detail: { code: "host-key-not-trusted", host: "login", onTheWayTo: "gpu", key: login.hostKey },
    });
    expect((await gpu.log()).slice(before)).toBe("");
  });

  it("is named: it does not take the key, and the host's password is not told to it", async () => {
    await configure(
      block("login", { ...login, identityFile: "/nowhere" }),
      block("gpu", gpu, "ProxyJump login"),
    );
    const request = { target: { host: "gpu" }, credentials: { password: "for the host alone" } };
    await expect(client.connections.connect(request, trusting)).rejects.toMatchObject({
      detail: { code: "authentication-failed", host: "login", onTheWayTo: "gpu", tried: [] },
    });
  });

  it("is named: nothing listens there", async () => {
    const port = await freePort();
    await configure(block("login", { ...login, port }), block("gpu", gpu, "ProxyJump login"));
    await expect(connect("gpu")).rejects.toMatchObject({
      detail: { code: "connection-refused", host: "login", port, onTheWayTo: "gpu" },
    });
  });

  it("is named: it cannot reach the next host, or may not", async () => {
    const strict = await startSshd({ config: ["AllowTcpForwarding no"] });
    const port = await freePort();
    await configure(
      block("login", login),
      block("strict", strict),
      block("off", { ...gpu, port }, "ProxyJump login"),
      block("forbidden", gpu, "ProxyJump strict"),
    );
    await expect(connect("off")).rejects.toMatchObject({
      detail: { code: "hop-failed", host: "login", next: `127.0.0.1:${port}`, onTheWayTo: "off" },
    });
    await expect(connect("forbidden")).rejects.toMatchObject({
      detail: { code: "hop-failed", host: "strict", next: `127.0.0.1:${gpu.port}` },
    });
    await strict.stop();
  });

  it("that leads to itself is noticed", async () => {
    await configure(block("a", login, "ProxyJump b"), block("b", gpu, "ProxyJump a"));
    await expect(connect("a")).rejects.toMatchObject({ detail: { code: "jump-loop", host: "a" } });
  });

  it("takes the connection through it along", async () => {
    const short = await startSshd();
    await configure(block("short", short), block("gpu", gpu, "ProxyJump short"));
    const connection = await connect("gpu");
    const closed = new Promise((resolve) => connection.onDidClose(resolve));
    await short.stop();
    expect(await closed).toMatchObject({ kind: "lost", failure: { code: "connection-lost", host: "gpu" } });
  });

  it("does not keep up a connection whose host is no more", async () => {
    await configure(block("login", login), block("gpu", gpu, "ProxyJump login"));
    const connection = await connect("gpu");
    let reason: string | undefined;
    connection.onDidClose(({ kind }) => (reason = kind));
    await gpu.cutConnections();
    await until("the loss is noticed", () => reason !== undefined);
    expect(reason).toBe("lost");
  });

  it("is not waited for when the person cancels", async () => {
    await configure(block("login", login), block("gpu", gpu, "ProxyJump login"));
    const stop = new AbortController();
    const person: Interaction = {
      ...unattended,
      confirmHostKey: () => {
        stop.abort();
        return new Promise(() => undefined);
      },
    };
    const request = { target: { host: "gpu" } };
    await expect(client.connections.connect(request, person, { signal: stop.signal })).rejects.toMatchObject({
      name: "Cancelled",
    });
  });
});

describe("a proxy command", () => {
  it("carries the connection and ends with it", async () => {
    const pidFile = join(client.home, "pid");
    const script = join(client.home, "way");
    const options = `-F '${join(client.home, ".ssh", "config")}' -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null`;
    const lines = ["#!/bin/sh", `echo $$ >'${pidFile}'`, `exec ssh ${options} -W "$1:$2" "$3@login"`];
    await writeFile(script, `${lines.join("\n")}\n`, { mode: 0o755 });
    await configure(block("login", login), block("gpu", gpu, `ProxyCommand ${script} %h %p %r`));
    const connection = await connect("gpu");
    expect(await cameFrom(connection)).toBe(gpu.port);
    await connection.close();
    const pid = Number(await readFile(pidFile, "utf8"));
    await until("the command has ended", () => !isAlive(pid));
  });

  it("that fails is told with what it said", async () => {
    await configure(block("gpu", gpu, "ProxyCommand sh -c 'echo no way >&2; exit 3'"));
    await expect(connect("gpu")).rejects.toMatchObject({
      detail: { code: "proxy-command-failed", host: "gpu", output: "no way" },
    });
    await configure(block("gpu", gpu, "ProxyCommand /nowhere/program"));
    await expect(connect("gpu")).rejects.toMatchObject({ detail: { code: "proxy-command-failed" } });
    await configure(block("gpu", gpu, "ProxyCommand true"));
    await expect(connect("gpu")).rejects.toMatchObject({ detail: { code: "disconnected" } });
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
