import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, readlink, stat, writeFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { nextEvent } from "../../../src/common/async/event.js";
import type { Connection } from "../../../src/ssh/model/connection.js";
import { type Interaction, unattended } from "../../../src/ssh/model/interaction.js";
import type { ForwardingBackend, Tunnels } from "../../../src/tunnel/tunnel.js";
import {
  createTestClient,
  createTestTunnels,
  targetOf,
  type TestClient,
  trusting,
} from "../../support/client.js";
import { processesNaming } from "../../support/processes.js";
import { makeKey, type Sshd, startSshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

let server: Sshd;
let client: TestClient;
let tunnels: Tunnels;
const page = "y".repeat(100_000);
const web = createHttpServer((_request, response) => response.end(page));

beforeAll(async () => {
  earlier = await foldersOfOurs();
  web.listen(0, "127.0.0.1");
  await once(web, "listening");
  server = await startSshd();
});
afterAll(async () => {
  await server.stop();
  web.close();
});
beforeEach(async () => {
  client = await createTestClient();
  use(["openssh", "in-process"]);
});
afterEach(async () => {
  await tunnels.closeAll();
  await client.dispose();
  // One whose server went has still to notice that.
  await until("no ssh is left", async () => (await sshOfOurs()).length === 0);
  await until("no folder is left", async () => (await foldersOfOurs()).length === 0);
});

function use(backends: readonly ForwardingBackend[], environment: NodeJS.ProcessEnv = process.env): void {
  tunnels = createTestTunnels(backends, client.home, environment);
}

const remote = () => ({ host: "127.0.0.1", port: (web.address() as AddressInfo).port });
const open = (to: Sshd, person: Interaction = trusting): Promise<Connection> => client.connectTo(to, person);
const get = async (port: number): Promise<string> => (await fetch(`http://127.0.0.1:${port}/`)).text();

/** Of an answer that ends with its connection. */
const halfAnAnswer = "HTTP/1.1 200 OK\r\n\r\nhalf an answer";
const answerHalf = (socket: Socket): unknown => socket.once("data", () => socket.write(halfAnAnswer));

function ask(port: number): Socket {
  const socket = connect(port, "127.0.0.1");
  socket.write(`GET / HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`);
  return socket;
}

/** Every ssh that was started with a private configuration of this process. */
const sshOfOurs = async (): Promise<number[]> =>
  (await processesNaming(`/runicorn-${process.pid}-`)).map(({ pid }) => pid);

/** Those of other files of this process, where a failure left them. */
let earlier: readonly string[] = [];
const foldersOfOurs = async (): Promise<string[]> =>
  (await readdir(tmpdir())).filter(
    (name) => name.startsWith(`runicorn-${process.pid}-`) && !earlier.includes(name),
  );

describe("a tunnel through OpenSSH", () => {
  it("carries two hundred requests at once, whole, and leaves nothing behind", async () => {
    const tunnel = await tunnels.open(await open(server), { remote: remote() });
    expect(tunnel.backend).toBe("openssh");
    expect(await sshOfOurs()).toHaveLength(1);
    const answers = await Promise.all(Array.from({ length: 200 }, () => get(tunnel.localPort)));
    expect(answers.every((text) => text === page)).toBe(true);
    await tunnel.close();
    expect(await sshOfOurs()).toEqual([]);
  });

  it("loses no request for which ssh has no room yet", async () => {
    const tunnel = await tunnels.open(await open(server), { remote: remote() });
    const [ssh = 0] = await sshOfOurs();
    const [folder = ""] = await foldersOfOurs();
    process.kill(ssh, "SIGSTOP");
    const answers = Promise.all(Array.from({ length: 200 }, () => get(tunnel.localPort)));
    await until("its backlog of 128 is full", async () => {
      const sockets = (await readFile("/proc/net/unix", "utf8")).split("\n");
      return sockets.filter((line) => line.endsWith(join(tmpdir(), folder, "s"))).length > 128;
    });
    process.kill(ssh, "SIGCONT");
    expect((await answers).every((text) => text === page)).toBe(true);
    await tunnel.close();
  });

  it.each<[string, string, ForwardingBackend]>([
    ["reads a line first", "read -r line\n", "openssh"],
    ["becomes another shell", "exec bash --norc\n", "openssh"],
    ["becomes what understands no shell", "exec python3 -i\n", "in-process"],
  ])("opens soon where a start-up file %s", async (_name, text, backend) => {
    const strange = await startSshd({ shell: "/bin/bash" });
    try {
      await writeFile(join(strange.home, ".bashrc"), text);
      const connection = await open(strange);
      const started = Date.now();
      const tunnel = await tunnels.open(connection, { remote: remote() });
      expect(tunnel.backend).toBe(backend);
      // It took 20 s until nobody waited for an answer any more.
      expect(Date.now() - started).toBeLessThan(15_000);
      await tunnel.close();
      await connection.close();
    } finally {
      await strange.stop();
    }
  });

  it("listens in a folder for us alone, and on no port but ours", async () => {
    const tunnel = await tunnels.open(await open(server), { remote: remote() });
    const [pid] = await sshOfOurs();
    const sockets = await readFile(`/proc/${pid}/net/tcp`, "utf8");
    const inodes = await Promise.all(
      (await readdir(`/proc/${pid}/fd`)).map((fd) => readlink(`/proc/${pid}/fd/${fd}`)),
    );
    const listening = sockets
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === "0A" && inodes.includes(`socket:[${inode}]`));
    expect(listening).toEqual([]);
    const [folder = ""] = await foldersOfOurs();
    expect((await stat(join(tmpdir(), folder))).mode & 0o777).toBe(0o700);
    await tunnel.close();
  });

  it("uses the same key: of the agent's keys only the one that opened the connection", async () => {
    const socket = join(client.home, "agent");
    const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
    await until("the agent listens", async () => (await readdir(client.home)).includes("agent"));
    const environment = { ...process.env, SSH_AUTH_SOCK: socket };
    for (const name of ["one", "two", "three"]) makeKey(join(client.home, name), "ed25519", name);
    const files = ["one", "two", "three"].map((name) => join(client.home, name));
    execFileSync("ssh-add", ["-q", ...files, server.identityFile], { env: environment, stdio: "ignore" });
    const withAgent = await createTestClient({ SSH_AUTH_SOCK: socket });
    const { connections } = withAgent;
    const connection = await connections.connect({ target: targetOf(server) }, trusting);
    const before = (await server.log()).length;
    tunnels = createTestTunnels(["openssh"], withAgent.home, { ...process.env, SSH_AUTH_SOCK: "" });
    const tunnel = await tunnels.open(connection, { remote: remote() });
    expect(await get(tunnel.localPort)).toBe(page);
    const requests = (await server.log()).slice(before).match(/method publickey/g);
    // The question whether the key is welcome, and the signature.
    expect(requests).toHaveLength(2);
    await tunnel.close();
    await withAgent.dispose();
    agent.kill();
  });

  it("ends when its host's server does: what is under way is reset, the loss is told", async () => {
    const silent = createServer(answerHalf).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const other = await startSshd();
    const port = (silent.address() as AddressInfo).port;
    const tunnel = await tunnels.open(await open(other), { remote: { host: "127.0.0.1", port } });
    expect(tunnel.backend).toBe("openssh");
    const socket = ask(tunnel.localPort);
    await once(socket, "data");
    const lost = nextEvent(tunnel.onDidLose);
    const reset = once(socket, "error");
    await other.stop();
    expect(await lost).toMatchObject({ code: "connection-lost" });
    expect(((await reset) as [NodeJS.ErrnoException])[0].code).toBe("ECONNRESET");
    silent.close();
  });

  it("resets open requests when only ssh is killed, and never ends them as complete", async () => {
    const connection = await open(server);
    const half = createServer(answerHalf).listen(0, "127.0.0.1");
    await once(half, "listening");
    const port = (half.address() as AddressInfo).port;
    for (let round = 0; round < 10; round += 1) {
      const tunnel = await tunnels.open(connection, { remote: { host: "127.0.0.1", port } });
      const socket = ask(tunnel.localPort);
      await once(socket, "data");
      const over = new Promise((resolve) => {
        socket.once("end", () => resolve("a clean end"));
        socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code));
      });
      for (const pid of await sshOfOurs()) process.kill(pid, "SIGKILL");
      expect(await over).toBe("ECONNRESET");
      await tunnel.close();
    }
    half.close();
  });

  it("goes with its connection", async () => {
    const connection = await open(server);
    await tunnels.open(connection, { remote: remote() });
    await connection.close();
    await until("ssh has ended", async () => (await sshOfOurs()).length === 0);
  });
});

describe("when ssh cannot carry, the next backend does", () => {
  it.each<[string, () => Promise<void>]>([
    [
      "there is no ssh",
      () =>
        Promise.resolve(
          use(["openssh", "in-process"], { ...process.env, RUNICORN_SSH_PATH: "/nowhere/ssh" }),
        ),
    ],
    [
      "ssh fails",
      async () => {
        const program = join(client.home, "failing");
        await writeFile(program, "#!/bin/sh\necho 'no, thanks' >&2\nexit 255\n", { mode: 0o755 });
        use(["openssh", "in-process"], { ...process.env, RUNICORN_SSH_PATH: program });
      },
    ],
    [
      "the configuration has forwards",
      () => writeFile(join(client.home, ".ssh", "config"), "LocalForward 9 localhost:9\n"),
    ],
  ])("%s", async (_name, prepare) => {
    await prepare();
    const tunnel = await tunnels.open(await open(server), { remote: remote() });
    expect(tunnel.backend).toBe("in-process");
    expect(await get(tunnel.localPort)).toBe(page);
  });

  it("the key is encrypted", async () => {
    const file = join(client.home, "locked");
    makeKey(file, "ed25519", "", "secret");
    const authorized = join(server.folder, "authorized_keys");
    await writeFile(
      authorized,
      (await readFile(authorized, "utf8")) + (await readFile(`${file}.pub`, "utf8")),
    );
    const credentials = { identityFiles: [file], passphrase: "secret", useAgent: false };
    const connection = await client.connections.connect({ target: targetOf(server), credentials }, trusting);
    const tunnel = await tunnels.open(connection, { remote: remote() });
    expect(tunnel.backend).toBe("in-process");
  });

  it("unless only OpenSSH is allowed: that is said", async () => {
    use(["openssh"], { ...process.env, RUNICORN_SSH_PATH: "/nowhere/ssh" });
    await expect(tunnels.open(await open(server), { remote: remote() })).rejects.toMatchObject({
      detail: { code: "tunnel-not-possible", host: "127.0.0.1" },
    });
  });
});

describe("a host key that OpenSSH does not trust", () => {
  it("is a failure, whatever else could carry", async () => {
    const connection = await open(server);
    // Revoked after the connection was made: ssh sees it, and so would we.
    const { type, base64 } = server.hostKey;
    await writeFile(join(client.home, ".ssh", "known_hosts"), `@revoked * ${type} ${base64}\n`);
    await expect(tunnels.open(connection, { remote: remote() })).rejects.toMatchObject({
      detail: { code: "tunnel-host-key-refused", host: "127.0.0.1" },
    });
    expect(tunnels.all).toEqual([]);
  });
});

describe("jump hosts", () => {
  it("are passed by OpenSSH too, with our store and each its own key", async () => {
    const gpu = await startSshd();
    const block = (alias: string, { port, user, identityFile }: Sshd, more = ""): string =>
      `Host ${alias}\nHostName 127.0.0.1\nPort ${port}\nUser ${user}\nIdentityFile ${identityFile}\nIdentitiesOnly yes\n${more}\n`;
    await writeFile(
      join(client.home, ".ssh", "config"),
      block("login", server) + block("gpu", gpu, "ProxyJump login"),
    );
    const connection = await client.connections.connect({ target: { host: "gpu" } }, trusting);
    const before = (await gpu.log()).length;
    const tunnel = await tunnels.open(connection, { remote: remote() });
    expect(tunnel.backend).toBe("openssh");
    expect(await get(tunnel.localPort)).toBe(page);
    expect((await gpu.log()).slice(before)).toMatch(/Accepted publickey/);
    await tunnel.close();
    await gpu.stop();
  });

  it("that a person chose for the connection are passed by OpenSSH, and none where there are to be none", async () => {
    const gpu = await startSshd();
    const block = (alias: string, { port, user, identityFile }: Sshd, more = ""): string =>
      `Host ${alias}\nHostName 127.0.0.1\nPort ${port}\nUser ${user}\nIdentityFile ${identityFile}\nIdentitiesOnly yes\n${more}\n`;
    await writeFile(
      join(client.home, ".ssh", "config"),
      block("login", server) + block("gpu", gpu, "ProxyJump nowhere.invalid"),
    );
    for (const jump of [[{ host: "login" }], []]) {
      const logins = async (): Promise<number> => (await server.log()).split("Accepted publickey").length;
      const before = await logins();
      const connection = await client.connections.connect({ target: { host: "gpu" }, jump }, trusting);
      const tunnel = await tunnels.open(connection, { remote: remote() });
      expect(tunnel.backend).toBe("openssh");
      expect(await get(tunnel.localPort)).toBe(page);
      expect((await logins()) - before).toBe(jump.length * 2);
      await tunnel.close();
      await connection.close();
    }
    await gpu.stop();
  });
});

describe("a forward to another host behind the login node", () => {
  it("reaches it", async () => {
    const behind = createHttpServer((_request, response) => response.end("compute node"));
    behind.listen(0, "127.0.0.2");
    await once(behind, "listening");
    const { port } = behind.address() as AddressInfo;
    for (const backend of ["openssh", "in-process"] as const) {
      use([backend]);
      const connection = await open(server, unattended).catch(() => open(server));
      const tunnel = await tunnels.open(connection, { remote: { host: "127.0.0.2", port } });
      expect(tunnel.backend).toBe(backend);
      expect(await get(tunnel.localPort)).toBe("compute node");
      await tunnel.close();
    }
    behind.close();
  });
});
