import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Interaction, LoginNotice } from "../../../src/ssh/model/interaction.js";
import { startAskingServer } from "../../support/askingServer.js";
import {
  createTestClient,
  credentialsOf,
  targetOf,
  type TestClient,
  trusting,
} from "../../support/client.js";
import { startFakeAgent } from "../../support/fakeAgent.js";
import { postQuantumOnly } from "../../support/postQuantum.js";
import { makeKey, type Sshd, type SshdOptions, startSshd } from "../../support/sshd.js";

let server: Sshd | undefined;
let client: TestClient;
beforeEach(async () => {
  client = await createTestClient();
});
afterEach(async () => {
  await client.dispose();
  await server?.stop();
  server = undefined;
});

/** A person who reads what is told during a login. */
function reading() {
  const notices: LoginNotice[] = [];
  let tell: (notice: LoginNotice) => void = () => undefined;
  const first = new Promise<LoginNotice>((resolve) => (tell = resolve));
  const person: Interaction = {
    ...trusting,
    notify: (notice) => {
      notices.push(notice);
      tell(notice);
      return true;
    },
  };
  return { person, notices, first };
}

async function startWithBanner(text: string, options: SshdOptions = {}): Promise<Sshd> {
  const file = join(client.home, "banner");
  await writeFile(file, text);
  server = await startSshd({ ...options, config: [`Banner ${file}`, ...(options.config ?? [])] });
  return server;
}

const link = "To authenticate, visit: https://login.example/a/1f2e3d4c";

describe("a server's messages during login", () => {
  it("are shown at once, and the login may take longer than a network timeout", async () => {
    // It runs for a key that the server does not know by itself.
    const slow = ["AuthorizedKeysCommand /usr/bin/sleep 22", "AuthorizedKeysCommandUser root"];
    const sshd = await startWithBanner(`${link}\n`, { config: slow });
    const { person, notices, first } = reading();
    const started = Date.now();
    const unknownKey = join(client.home, "unknown");
    makeKey(unknownKey, "ed25519", "");
    const credentials = { identityFiles: [unknownKey, sshd.identityFile], useAgent: false };
    const connecting = client.connections.connect({ target: targetOf(sshd), credentials }, person);
    expect(await first).toMatchObject({ kind: "server", isInstruction: false, texts: [`${link}\n`] });
    expect(Date.now() - started).toBeLessThan(10_000);
    const connection = await connecting;
    expect(Date.now() - started).toBeGreaterThan(20_000);
    expect((await connection.exec("echo in")).stdout.toString()).toBe("in\n");
    expect(notices).toHaveLength(1);
  }, 60_000);

  it("may be longer than ssh2 reads: the system's ssh takes over", async () => {
    const sshd = await startWithBanner(`${"x".repeat(99)}\n`.repeat(500));
    const connection = await client.connectTo(sshd);
    expect((await connection.exec("echo in")).stdout.toString()).toBe("in\n");
  });

  it("are shown at once when the system's ssh logs in, and may be long", async () => {
    const slow = ["AuthorizedKeysCommand /usr/bin/sleep 3", "AuthorizedKeysCommandUser root"];
    const sshd = await startWithBanner(`${link}\n${"x".repeat(99)}\n`, {
      config: [...postQuantumOnly, ...slow],
    });
    const { person, notices, first } = reading();
    const unknownKey = join(client.home, "unknown");
    makeKey(unknownKey, "ed25519", "");
    const credentials = { identityFiles: [unknownKey, sshd.identityFile], useAgent: false };
    let isOpen = false;
    const connecting = client.connections.connect({ target: targetOf(sshd), credentials }, person);
    void connecting.then(() => (isOpen = true));
    expect(await first).toMatchObject({ kind: "server", subject: { host: sshd.host } });
    expect(isOpen).toBe(false);
    expect((await (await connecting).exec("echo in")).stdout.toString()).toBe("in\n");
    expect(notices.flatMap((notice) => (notice.kind === "server" ? notice.texts : []))).toEqual([
      `${link}\n${"x".repeat(99)}\n`,
    ]);
  });

  it.each([
    ["in this process", []],
    ["by the system's ssh", postQuantumOnly],
  ] as const)("are shown for a jump host, under its name, when it is reached %s", async (_name, config) => {
    const file = join(client.home, "jump-banner");
    await writeFile(file, "Use is recorded\n");
    const jump = await startSshd({ config: [`Banner ${file}`, ...config] });
    const sshd = await startWithBanner(`${link}\n`, { config: [...config] });
    const block = (alias: string, { port, user, identityFile }: Sshd, ...more: string[]): string =>
      [`Host ${alias}`, "HostName 127.0.0.1", `Port ${port}`, `User ${user}`, ...more]
        .concat(`IdentityFile ${identityFile}`, "IdentitiesOnly yes", "")
        .join("\n");
    const blocks = [block("login", jump), block("gpu", sshd, "ProxyJump login")];
    await writeFile(join(client.home, ".ssh", "config"), blocks.join("\n"));
    const { person, notices } = reading();
    const connection = await client.connections.connect({ target: { host: "gpu" } }, person);
    const told = notices.map((one) => one.kind === "server" && [one.subject.host, one.texts.join("").trim()]);
    expect(told).toEqual([
      ["login", "Use is recorded"],
      ["gpu", link],
    ]);
    await connection.close();
    await jump.stop();
  });

  it("are shown if nothing is asked, and below the failure", async () => {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const round = { name: "Login", instruction: link, prompts: [] };
    const asking = await startAskingServer(client.home, round, released);
    const { person, first } = reading();
    const target = { host: "127.0.0.1", port: asking.port, user: "ada" };
    const connecting = client.connections.connect({ target }, person);
    connecting.catch(() => undefined);
    expect(await first).toMatchObject({ kind: "server", isInstruction: true, texts: ["Login", link] });
    release();
    await expect(connecting).rejects.toMatchObject({
      detail: { code: "authentication-failed", said: `Login\n${link}` },
    });
    await asking.stop();
  });
});

it("a silent agent is reported after five seconds, and key files are used", async () => {
  server = await startSshd();
  const socket = join(client.home, "agent");
  const agent = await startFakeAgent(socket);
  const withAgent = await createTestClient({ SSH_AUTH_SOCK: socket });
  const { person, notices } = reading();
  const { identityFiles = [] } = credentialsOf(server);
  const request = { target: targetOf(server), credentials: { identityFiles } };
  const connection = await withAgent.connections.connect(request, person);
  expect(connection.state).toBe("open");
  expect(notices).toEqual([{ kind: "silent-agent", address: socket }]);
  await withAgent.dispose();
  await agent.stop();
}, 30_000);
