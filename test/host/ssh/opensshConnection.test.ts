import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { nextEvent } from "../../../src/common/async/event.js";
import { encodeBytes } from "../../../src/common/text/bytes.js";
import { Cancelled } from "../../../src/common/failure.js";
import { createFiles } from "../../../src/files/files.js";
import { type Interaction, unattended } from "../../../src/ssh/model/interaction.js";
import { runScript } from "../../../src/ssh/channel/script.js";
import type { Connection } from "../../../src/ssh/model/connection.js";
import { sessionUrl } from "../../../src/viewer/session/session.js";
import {
  createTestClient,
  createTestTunnels,
  createTestViewers,
  targetOf,
  type TestClient,
  trusting,
  trustingOnceAsked,
} from "../../support/client.js";
import { environmentNamed } from "../../support/connectedHost.js";
import { inTurn } from "../../support/matrix.js";
import { postQuantumOnly } from "../../support/postQuantum.js";
import { processesIn, processesNaming } from "../../support/processes.js";
import { type HostHome, makeHostHome } from "../../support/runicorn/hostHome.js";
import { killIfPresent, makeKey, type Sshd, startSshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

let host: HostHome;
let folder: string;
let certified: Sshd;
let quantum: Sshd;
let client: TestClient;

beforeAll(async () => {
  host = await makeHostHome();
  folder = host.home;
  makeKey(join(folder, "ca"), "ed25519", "the authority");
  certified = await startSshd({
    home: host.home,
    config: [`TrustedUserCAKeys ${join(folder, "ca.pub")}`, "AuthorizedKeysFile none"],
  });
  quantum = await startSshd({ home: host.home, config: postQuantumOnly });
});
afterAll(async () => {
  await certified.stop();
  await quantum.stop();
  await host.dispose();
});
beforeEach(async () => {
  client = await createTestClient();
});
afterEach(async () => {
  await client.dispose();
  // A client ends when it sees that its master has.
  await until("no ssh is left", async () => (await ours()).length === 0);
  expect((await readdir(tmpdir())).filter((name) => name.startsWith(`runicorn-${process.pid}-`))).toEqual([]);
});

/** Every ssh that was started from a private folder of this process. */
const ours = () => processesNaming(`/runicorn-${process.pid}-`);

/** A key with a certificate beside it, which no server knows but by its authority. */
async function becomeCertified(): Promise<string> {
  const key = join(client.home, ".ssh", "id_ed25519");
  makeKey(key, "ed25519", "");
  const args = ["-q", "-s", join(folder, "ca"), "-I", "ada", "-n", certified.user, `${key}.pub`];
  execFileSync("ssh-keygen", args);
  await writeFile(join(client.home, ".ssh", "config"), `IdentityFile ${key}\n`);
  return key;
}

async function withKeyOf({ identityFile }: Sshd): Promise<void> {
  await writeFile(join(client.home, ".ssh", "config"), `IdentityFile ${identityFile}\nIdentitiesOnly yes\n`);
}

/** Connects in each of the ways that only OpenSSH can. */
const ways: readonly (readonly [string, () => Promise<Sshd>])[] = [
  [
    "a certificate",
    async () => {
      await becomeCertified();
      return certified;
    },
  ],
  [
    "a post-quantum key exchange",
    async () => {
      await withKeyOf(quantum);
      return quantum;
    },
  ],
];

async function viewerThrough(connection: Connection) {
  const viewers = createTestViewers(client, 600, createTestTunnels(["openssh"], client.home));
  const environment = await environmentNamed("train", connection);
  const session = await viewers.start(connection, { environment, root: host.root });
  const health = new URL("/api/health", sessionUrl(session));
  const ask = async (): Promise<number> => (await fetch(health, { headers: { connection: "close" } })).status;
  return { viewers, session, ask };
}

describe.each(inTurn(ways, 0))("a server that is reached with %s only", (_name, prepare) => {
  it("shows its environments and a viewer; stopping leaves nothing", async () => {
    const server = await prepare();
    const connection = await client.connections.connect({ target: targetOf(server) }, trusting);
    const { viewers, ask } = await viewerThrough(connection);
    expect(await ask()).toBe(200);
    // The master, and clients of it; nobody logged in twice.
    expect((await server.log()).match(/Accepted publickey/g)).toHaveLength(1);
    await viewers.stopAll();
    await connection.close();
    await until("nothing runs there", async () => (await processesIn(host.home)).length === 0);
  });

  it("runs commands as any connection does", async () => {
    const server = await prepare();
    const connection = await client.connections.connect({ target: targetOf(server) }, trusting);
    const stdin = Buffer.alloc(3_000_000, "x\n");
    const result = await connection.exec("cat; echo err >&2; exit 7", { stdin });
    expect(result.stdout.equals(stdin)).toBe(true);
    expect([result.stderr.toString(), result.code]).toEqual(["err\n", 7]);
    const { output } = await runScript(connection, "main() { printf '%s' \"$1\"; }", ["a'b $(c) \\ ü"]);
    expect(output.toString()).toBe("a'b $(c) \\ ü");
    const many = Array.from({ length: 30 }, (_, index) => connection.exec(`echo ${index}`));
    expect((await Promise.all(many)).map(({ stdout }) => Number(stdout))).toEqual([...many.keys()]);
    expect(await connection.exec("exit 255")).toMatchObject({ code: 255 });
    await expect(connection.exec("sleep 5", { timeout: 300 })).rejects.toMatchObject({
      detail: { code: "exec-timed-out" },
    });
    await expect(connection.forward("127.0.0.1", 1)).rejects.toMatchObject({
      detail: { code: "channel-refused" },
    });
    const stream = await connection.forward("127.0.0.1", server.port);
    const [greeting] = (await once(stream, "data")) as [Buffer];
    expect(greeting.toString()).toMatch(/^SSH-2.0-OpenSSH/);
    stream.destroy();
    await connection.close();
    expect(connection.state).toBe("closed");
    await expect(connection.exec("true")).rejects.toMatchObject({ detail: { code: "connection-lost" } });
  });

  it("shows its folders, every byte of their names", async () => {
    const server = await prepare();
    const folder = join(host.home, "shown");
    const names = ["a\nb", "'; touch x #", "中文", "\udcd6\udcd0"];
    await mkdir(folder, { recursive: true });
    for (const name of names) await writeFile(encodeBytes(join(folder, name)), "12345");
    const connection = await client.connections.connect({ target: targetOf(server) }, trusting);
    const files = createFiles();
    // More than the server's sessions, one after the other and at once.
    const listings = await Promise.all(Array.from({ length: 12 }, () => files.list(connection, "~/shown")));
    for (const { path, entries } of listings) {
      expect(path).toBe(folder);
      expect(entries.map(({ name, size }) => [name, size]).sort()).toEqual(
        names.map((name) => [name, 5]).sort(),
      );
    }
    await expect(files.list(connection, "~/nowhere")).rejects.toMatchObject({
      detail: { code: "path-missing" },
    });
    await connection.close();
  });

  it("is reached through a jump host, and leads to hosts behind it", async () => {
    const server = await prepare();
    const other = await startSshd();
    const own = await readFile(join(client.home, ".ssh", "config"), "utf8");
    const block = (alias: string, { port, user }: Sshd, ...more: string[]): string =>
      [`Host ${alias}`, "HostName 127.0.0.1", `Port ${port}`, `User ${user}`, ...more, ""].join("\n");
    const withKey = [`IdentityFile ${other.identityFile}`, "IdentitiesOnly yes"];
    const configuration = [
      block("plain", other, ...withKey),
      block("behind-plain", server, "ProxyJump plain", own),
      block("beyond", server, own),
      block("behind-beyond", other, "ProxyJump beyond", ...withKey),
    ];
    await writeFile(join(client.home, ".ssh", "config"), configuration.join("\n"));
    const asked: unknown[] = [];
    const person: Interaction = {
      ...trusting,
      confirmHostKey: ({ host: name, onTheWayTo, key }) => {
        asked.push([name, onTheWayTo, key.fingerprint]);
        return Promise.resolve("trust");
      },
    };
    const behind = await client.connections.connect({ target: { host: "behind-plain" } }, person);
    expect((await behind.exec("echo $SSH_CONNECTION")).stdout.toString()).toContain(` ${server.port}\n`);
    expect(behind.listen).toBeDefined();
    const { viewers, ask } = await viewerThrough(behind);
    expect(await ask()).toBe(200);
    await viewers.stopAll();
    await behind.close();
    const beyond = await client.connections.connect({ target: { host: "behind-beyond" } }, person);
    expect((await beyond.exec("echo $SSH_CONNECTION")).stdout.toString()).toContain(` ${other.port}\n`);
    await beyond.close();
    expect(asked).toEqual([
      ["plain", "behind-plain", other.hostKey.fingerprint],
      ["behind-plain", undefined, server.hostKey.fingerprint],
    ]);
    // The same keys under the same addresses: known by now.
    await client.connections.closeAll();
    await other.stop();
  });

  it("asks about its unknown key, keeps it, and sends nothing when it is refused", async () => {
    const server = await prepare();
    const before = (await server.log()).length;
    await expect(client.connections.connect({ target: targetOf(server) }, unattended)).rejects.toMatchObject({
      detail: { code: "host-key-not-trusted", key: server.hostKey },
    });
    expect((await server.log()).slice(before)).not.toMatch(/userauth-request|Accepted|Failed/);
    const { questions, person } = trustingOnceAsked();
    const connection = await client.connections.connect({ target: targetOf(server) }, person);
    await connection.close();
    await (await client.connections.connect({ target: targetOf(server) }, unattended)).close();
    expect(questions).toMatchObject([{ key: server.hostKey, verdict: { kind: "unknown" } }]);
  });

  it.each(["changed", "revoked"])("refuses its key when it is %s, without a question", async (verdict) => {
    const server = await prepare();
    const other = join(client.home, "other");
    makeKey(other, "ed25519", "");
    const known = execFileSync("ssh-keygen", ["-y", "-f", other], { encoding: "utf8" }).trim();
    const { type, base64 } = server.hostKey;
    const line =
      verdict === "changed"
        ? `[127.0.0.1]:${server.port} ${known}\n`
        : `@revoked * ${type} ${base64}\n[127.0.0.1]:${server.port} ${type} ${base64}\n`;
    await writeFile(join(client.home, ".ssh", "known_hosts"), line);
    const before = (await server.log()).length;
    await expect(client.connections.connect({ target: targetOf(server) }, trusting)).rejects.toMatchObject({
      detail: { code: "host-key-rejected", key: server.hostKey, verdict: { kind: verdict } },
    });
    expect((await server.log()).slice(before)).not.toMatch(/userauth-request|Accepted|Failed/);
  });

  it("tells that the connection is lost when its ssh is killed, and viewers come back", async () => {
    const server = await prepare();
    const connection = await client.connections.connect({ target: targetOf(server) }, trusting);
    const { viewers, session, ask } = await viewerThrough(connection);
    const hanging = connection.exec("echo begun; sleep 5");
    const lost = nextEvent(connection.onDidClose);
    const master = (await ours()).find(({ commandLine }) => commandLine.includes("-M"));
    process.kill(master?.pid ?? 0, "SIGKILL");
    expect(await lost).toMatchObject({ kind: "lost", failure: { code: "connection-lost" } });
    await expect(hanging).rejects.toMatchObject({ detail: { code: "connection-lost" } });
    await until("it is back", () => viewers.get(session.id)?.state.kind === "running");
    expect(await ask()).toBe(200);
    expect(client.connections.get(connection.id)).not.toBe(connection);
    await viewers.stopAll();
  });
});

it("a rejected certificate is offered once, followed by the server's other methods", async () => {
  const key = await becomeCertified();
  const stranger = await startSshd();
  await expect(client.connections.connect({ target: targetOf(stranger) }, trusting)).rejects.toMatchObject({
    detail: {
      code: "authentication-failed",
      tried: [`publickey (${key})`],
      skipped: [`${key}-cert.pub`],
      openssh: expect.stringContaining("Permission denied") as string,
    },
  });
  // The key by us, the certificate by ssh.
  expect(
    (await stranger.log()).match(/userauth-request for user \S+ service ssh-connection method publickey/g),
  ).toHaveLength(2);
  await stranger.stop();
});

it.each([
  ["a certificate", "AuthorizedPrincipalsCommand"],
  ["a post-quantum key exchange", "AuthorizedKeysCommand"],
])("a login with %s can be cancelled while the server thinks about it", async (name, command) => {
  const [key, { user }] = [await becomeCertified(), certified];
  const seconds = String(600 + Math.random());
  const slow = await startSshd({
    config: [
      ...[`${command} /bin/sleep ${seconds}`, `${command}User ${user}`, "AuthorizedKeysFile none"],
      ...(name === "a certificate" ? [`TrustedUserCAKeys ${join(folder, "ca.pub")}`] : postQuantumOnly),
    ],
  });
  if (name !== "a certificate") await rm(`${key}-cert.pub`);
  const giveUp = new AbortController();
  const connecting = client.connections.connect({ target: targetOf(slow) }, trusting, {
    signal: giveUp.signal,
  });
  const ended = expect(connecting).rejects.toBeInstanceOf(Cancelled);
  await until("the server thinks", async () => (await processesNaming(seconds)).length > 0);
  giveUp.abort();
  await ended;
  await until("no ssh is left", async () => (await ours()).length === 0);
  expect(client.connections.all).toEqual([]);
  await slow.stop();
});

it("certificates in an agent are found", async () => {
  const key = await becomeCertified();
  const socket = join(client.home, "agent");
  const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
  await until("the agent listens", async () => (await readdir(client.home)).includes("agent"));
  execFileSync("ssh-add", ["-q", key], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: "ignore" });
  await Promise.all([key, `${key}.pub`, `${key}-cert.pub`].map((file) => rm(file)));
  await writeFile(join(client.home, ".ssh", "config"), `IdentityAgent ${socket}\n`);
  const connection = await client.connections.connect({ target: targetOf(certified) }, trusting);
  expect((await connection.exec("echo hello")).stdout.toString()).toBe("hello\n");
  await connection.close();
  agent.kill();
});

it("ends with us, also by kill -9: no ssh, no folder, whatever runs on the host", async () => {
  await becomeCertified();
  await client.knownHosts.add(`[127.0.0.1]:${certified.port}`, certified.hostKey);
  const args = ["open", targetText(), "--env", "train", "--json", "--data", join(client.home, "data")];
  const us = spawn(process.execPath, ["dist/headless.js", ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, HOME: client.home, SSH_AUTH_SOCK: "" },
  });
  const [line] = (await once(us.stdout, "data")) as [Buffer];
  const { url } = JSON.parse(line.toString()) as { url: string };
  expect((await fetch(new URL("/api/health", url))).status).toBe(200);
  const left = () => processesNaming(`/runicorn-${us.pid}-`);
  expect((await left()).length).toBeGreaterThan(0);
  us.kill("SIGKILL");
  await once(us, "exit");
  await until("every ssh has ended", async () => (await left()).length === 0);
  const isOurs = (name: string): boolean => name.startsWith(`runicorn-${us.pid}-`);
  await until("the folder is gone", async () => !(await readdir(tmpdir())).some(isOurs));
  for (const { pid } of await processesIn(host.home)) killIfPresent(pid);
});

const targetText = (): string => `${certified.user}@127.0.0.1:${certified.port}`;
