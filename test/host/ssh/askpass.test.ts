import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { nextEvent } from "../../../src/common/async/event.js";
import { Cancelled } from "../../../src/common/failure.js";
import type { ConnectPhase } from "../../../src/ssh/model/connectRequest.js";
import type { Interaction, PassphraseRequest } from "../../../src/ssh/model/interaction.js";
import { createTestClient, targetOf, type TestClient, trusting } from "../../support/client.js";
import { canCheckPasswords } from "../../support/pam.js";
import { processesNaming, processesWith } from "../../support/processes.js";
import { makeSecurityKey, type SecurityKey } from "../../support/securityKey.js";
import { makeKey, type Sshd, startSshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

const secret = "canary staple 'battery' $HOME ü";

let server: Sshd;
let client: TestClient;
let key: string;
let logged: string[];

beforeAll(async () => {
  server = await startSshd();
  makeKey(join(server.folder, "ca"), "ed25519", "the authority");
  await writeFile(
    join(server.folder, "authorized_keys"),
    `cert-authority ${await readFile(join(server.folder, "ca.pub"), "utf8")}`,
  );
});
afterAll(() => server.stop());
beforeEach(async () => {
  logged = [];
  const hear = (text: string): void => void logged.push(text);
  client = await createTestClient({}, { debug: hear, info: hear, warn: hear, error: hear });
  key = join(client.home, ".ssh", "id_ed25519");
});
afterEach(async () => {
  await client.dispose();
  // What was cancelled is on its way out.
  await until(
    "no ssh is left",
    async () => (await processesNaming(`/runicorn-${process.pid}-`)).length === 0,
  );
  await until("no folder is left", async () => (await ourFolders()).length === 0);
});

const ourFolders = async () =>
  (await readdir(tmpdir())).filter((name) => name.startsWith(`runicorn-${process.pid}-`));

async function makeCertified(file: string, passphrase: string): Promise<void> {
  makeKey(file, "ed25519", "", passphrase);
  const args = ["-q", "-s", join(server.folder, "ca"), "-I", "ada", "-n", server.user, `${file}.pub`];
  execFileSync("ssh-keygen", args);
  await writeFile(join(client.home, ".ssh", "config"), `IdentityFile "${file}"\n`);
}

/** A person who trusts every key and types these, in order; what is no text is thrown. */
function typing(...answers: (string | Error)[]) {
  const asked: PassphraseRequest[] = [];
  const answer = (request: PassphraseRequest): Promise<string | undefined> => {
    asked.push(request);
    const next = answers.shift();
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
  };
  const person: Interaction = { ...trusting, passphrase: answer, pin: answer };
  return { person, asked };
}

const connect = (person: Interaction, options = {}) =>
  client.connections.connect({ target: targetOf(server) }, person, options);

/** Kills the master of the connection, as a network that is gone would. */
async function lose(connection: Awaited<ReturnType<typeof connect>>): Promise<void> {
  const lost = nextEvent(connection.onDidClose);
  const master = (await processesNaming(`/runicorn-${process.pid}-`)).find(({ commandLine }) =>
    commandLine.includes("-M"),
  );
  process.kill(master?.pid ?? 0, "SIGKILL");
  expect(await lost).toMatchObject({ kind: "lost" });
}

describe("a certificate whose key has a passphrase", () => {
  it("is asked for once, and not again when the connection comes back", async () => {
    await makeCertified(key, secret);
    const { person, asked } = typing(secret);
    const connection = await connect(person);
    expect((await connection.exec("echo hello")).stdout.toString()).toBe("hello\n");
    expect(asked).toMatchObject([{ identityFile: key, again: false, host: "127.0.0.1", user: server.user }]);
    await lose(connection);
    const back = await client.connections.reopen(connection.id, false, new AbortController().signal);
    expect((await back.exec("echo hello")).stdout.toString()).toBe("hello\n");
    expect(asked).toHaveLength(1);
  });

  it("is asked for again when it was wrong, three times at most", async () => {
    await makeCertified(key, secret);
    const once = typing("wrong", secret);
    await (await connect(once.person)).close();
    expect(once.asked.map(({ again }) => again)).toEqual([false, true]);
    const never = typing("wrong", "wrong", "wrong", "wrong");
    await expect(connect(never.person)).rejects.toMatchObject({
      detail: { code: "authentication-failed", openssh: expect.stringContaining("denied") as string },
    });
    expect(never.asked.map(({ again }) => again)).toEqual([false, true, true]);
  });

  it("opens with the passphrase that came with the request, and nobody is asked", async () => {
    await makeCertified(key, secret);
    const { person, asked } = typing();
    const request = { target: targetOf(server), credentials: { passphrase: secret } };
    const connection = await client.connections.connect(request, person);
    expect((await connection.exec("echo hello")).stdout.toString()).toBe("hello\n");
    expect(asked).toEqual([]);
  });

  it("ends with Cancelled when the question is closed, or the connect is", async () => {
    await makeCertified(key, secret);
    await expect(connect(typing(new Cancelled()).person)).rejects.toBeInstanceOf(Cancelled);
    const giveUp = new AbortController();
    let withdrawn: Promise<unknown> | undefined;
    const waiting: Interaction = {
      ...trusting,
      passphrase: (_request, signal) =>
        new Promise((_resolve, reject) => {
          withdrawn = new Promise((resolve) => signal.addEventListener("abort", resolve));
          signal.addEventListener("abort", () => reject(new Cancelled()));
          giveUp.abort();
        }),
    };
    await expect(connect(waiting, { signal: giveUp.signal })).rejects.toBeInstanceOf(Cancelled);
    await withdrawn;
  });

  it("fails where nobody may be asked, and says what ssh said", async () => {
    await makeCertified(key, secret);
    await expect(connect(trusting)).rejects.toMatchObject({
      detail: { code: "authentication-failed", openssh: expect.stringContaining("denied") as string },
    });
  });

  it("is not asked for by an ssh that is too old to ask us", async () => {
    const ssh = join(client.home, "ssh");
    await writeFile(ssh, `#!/bin/sh\n[ "$1" != -V ] || { echo OpenSSH_8.3p1 >&2; exit; }\nexec ssh "$@"\n`);
    await chmod(ssh, 0o755);
    const older = await createTestClient({ RUNICORN_SSH_PATH: ssh });
    await makeCertified(key, secret);
    const { person, asked } = typing(secret);
    const request = { target: targetOf(server), credentials: { identityFiles: [key] } };
    await expect(older.connections.connect(request, person)).rejects.toMatchObject({
      detail: { code: "authentication-failed", openssh: expect.stringContaining("denied") as string },
    });
    expect(asked).toEqual([]);
    await older.dispose();
  });

  it("is asked for once for a host and the jump host before it", async () => {
    await makeCertified(key, secret);
    const config = [`TrustedUserCAKeys ${join(server.folder, "ca.pub")}`, "AuthorizedKeysFile none"];
    const gpu = await startSshd({ config });
    const block = (alias: string, { port }: Sshd, more: string): string =>
      `Host ${alias}\nHostName 127.0.0.1\nPort ${port}\nIdentityFile ${key}\n${more}\n`;
    const blocks = [block("login", server, ""), block("gpu", gpu, "ProxyJump login")];
    await writeFile(join(client.home, ".ssh", "config"), blocks.join(""));
    const { person, asked } = typing(secret);
    const connection = await client.connections.connect({ target: { host: "gpu" } }, person);
    expect((await connection.exec("echo $SSH_CONNECTION")).stdout.toString()).toContain(` ${gpu.port}\n`);
    expect(asked).toMatchObject([{ host: "login", onTheWayTo: "gpu", identityFile: key, again: false }]);
    await connection.close();
    await gpu.stop();
  });

  it("has a name of any length", async () => {
    const file = join(client.home, ".ssh", `it's ${"ü".repeat(99)}`);
    await makeCertified(file, secret);
    const { person, asked } = typing(secret);
    await (await connect(person)).close();
    expect(asked).toMatchObject([{ identityFile: file }]);
  });

  it("shows the passphrase nowhere: no process, no file, no log", async () => {
    await makeCertified(key, secret);
    const seen: unknown[] = [];
    const look = async (): Promise<void> => {
      for (const part of ["cmdline", "environ"] as const) {
        seen.push(...(await processesWith(part, (fields) => fields.some((text) => text.includes("canary")))));
      }
      for (const folder of [...(await ourFolders()).map((name) => join(tmpdir(), name)), client.home]) {
        // Sockets are no text.
        const grep = `grep -rlsD skip canary "$1"; true`;
        seen.push(
          ...execFileSync("sh", ["-c", grep, "sh", folder], { encoding: "utf8" }).split("\n").filter(Boolean),
        );
      }
      seen.push(...logged.filter((line) => line.includes("canary")));
    };
    const answers = ["canary wrong", secret];
    const person: Interaction = {
      ...trusting,
      passphrase: async () => {
        await look();
        return answers.shift();
      },
    };
    const connection = await connect(person);
    await look();
    await connection.close();
    expect(seen).toEqual([]);
    expect(logged.join("\n")).toMatch(/OpenSSH carries/);
  });
});

describe("a security key", () => {
  let device: SecurityKey;
  const pin = "2468 é";

  beforeEach(({ skip }) => {
    const made = makeSecurityKey(client.home, pin);
    if (typeof made === "string") return skip(made);
    device = made;
  });

  /** A named file of a key in the device, which the server takes. */
  async function makeKeyInDevice(options: Parameters<SecurityKey["makeKey"]>[1]) {
    const file = join(client.home, ".ssh", "id_work");
    device.makeKey(file, options);
    const verify = options?.verifyRequired ? "verify-required " : "";
    const authorized = join(server.folder, "authorized_keys");
    const before = await readFile(authorized, "utf8");
    await writeFile(authorized, `${before}${verify}${await readFile(`${file}.pub`, "utf8")}`);
    await writeFile(join(client.home, ".ssh", "config"), `SecurityKeyProvider ${device.provider}\n`);
    return { target: targetOf(server), credentials: { identityFiles: [file], useAgent: false } };
  }

  it("is named as a file; touching it is progress, which goes when it was touched", async () => {
    const request = await makeKeyInDevice({});
    const phases: ConnectPhase[] = [];
    const connection = await client.connections.connect(request, trusting, {
      onProgress: (phase) => {
        phases.push(phase);
        if (phase === "waiting-for-touch") void device.touch();
      },
    });
    expect((await connection.exec("echo hello")).stdout.toString()).toBe("hello\n");
    expect(phases.slice(phases.indexOf("authenticating-with-openssh"))).toEqual([
      "authenticating-with-openssh",
      "waiting-for-touch",
      "authenticating-with-openssh",
    ]);
    expect(await device.log()).toEqual(["signed"]);
  });

  it("can be cancelled while it waits for the touch", async () => {
    const request = await makeKeyInDevice({});
    const giveUp = new AbortController();
    const connecting = client.connections.connect(request, trusting, {
      signal: giveUp.signal,
      onProgress: (phase) => phase === "waiting-for-touch" && giveUp.abort(),
    });
    await expect(connecting).rejects.toBeInstanceOf(Cancelled);
  });

  it("is asked for, and about, at a terminal too", async () => {
    const request = await makeKeyInDevice({ verifyRequired: true, passphrase: secret });
    const { port, user } = request.target;
    const [file = ""] = request.credentials.identityFiles;
    const command = [
      process.execPath,
      "dist/headless.js",
      "envs",
      `${user}@127.0.0.1:${port}`,
      "--identity",
      file,
    ];
    const options = ["--accept-host-key", server.hostKey.fingerprint, "--data", join(client.home, "data")];
    const quoted = [...command, ...options].map((word) => `'${word}'`).join(" ");
    // `script` gives it a terminal of its own.
    const terminal = spawn("script", ["-qfec", quoted, "/dev/null"], {
      env: { PATH: process.env["PATH"], HOME: client.home, TERM: "dumb" },
    });
    let shown = "";
    const hear = (text: string): void => void (shown += text);
    terminal.stdout.setEncoding("utf8").on("data", hear);
    const says = (text: string) => until(`it says ${text}`, () => shown.includes(text));
    await says(`Passphrase for ${file}: `);
    terminal.stdin.write(`${secret}\n`);
    await says(`PIN of the security key of ${file}: `);
    terminal.stdin.write(`${pin}\n`);
    await says("Your security key waits: touch it.");
    await device.touch();
    const [status] = (await once(terminal, "exit")) as [number];
    expect([status, shown.includes(secret), shown.includes(pin)]).toEqual([0, false, false]);
    expect(await device.log()).toEqual(["signed"]);
  });

  it("is asked for its PIN once, with the passphrase of its file, and neither again after a cut", async () => {
    const request = await makeKeyInDevice({ verifyRequired: true, passphrase: secret });
    await device.touch();
    const asked: string[] = [];
    const person: Interaction = {
      ...trusting,
      passphrase: ({ identityFile }) => {
        asked.push(`passphrase ${identityFile}`);
        return Promise.resolve(secret);
      },
      pin: ({ identityFile }) => {
        asked.push(`pin ${identityFile}`);
        return Promise.resolve(pin);
      },
    };
    const connection = await client.connections.connect(request, person);
    const [file = ""] = request.credentials.identityFiles;
    expect(asked).toEqual([`passphrase ${file}`, `pin ${file}`]);
    await lose(connection);
    await client.connections.reopen(connection.id, false, new AbortController().signal);
    expect(asked).toHaveLength(2);
    expect(await device.log()).toEqual(["signed", "signed"]);
  });

  it("hears a wrong PIN once, and the failure names the key", async () => {
    const request = await makeKeyInDevice({ verifyRequired: true });
    const { person, asked } = typing("1111", "2222", "3333");
    const [file = ""] = request.credentials.identityFiles;
    await expect(client.connections.connect(request, person)).rejects.toMatchObject({
      detail: {
        code: "authentication-failed",
        skipped: [`${file} (sk-ssh-ed25519@openssh.com)`],
        openssh: expect.stringContaining(file) as string,
      },
    });
    expect(await device.log()).toEqual(["wrong PIN"]);
    expect(asked).toMatchObject([{ identityFile: file, again: false }]);
  });

  it.skipIf(!canCheckPasswords)(
    "does not hear a wrong PIN again when a password opened the connection",
    async () => {
      const other = await startSshd({ password: "open sesame" });
      await makeKeyInDevice({ verifyRequired: true });
      const file = join(client.home, ".ssh", "id_work");
      await writeFile(
        join(other.folder, "authorized_keys"),
        `verify-required ${await readFile(`${file}.pub`, "utf8")}`,
      );
      const { person, asked } = typing("1111", "2222");
      const request = { target: targetOf(other), credentials: { identityFiles: [file], useAgent: false } };
      const knowing: Interaction = { ...person, password: () => Promise.resolve("open sesame") };
      const connection = await client.connections.connect(request, knowing);
      const lost = nextEvent(connection.onDidClose);
      await other.cutConnections();
      await lost;
      await client.connections.reopen(connection.id, false, new AbortController().signal);
      expect(asked).toHaveLength(1);
      expect(await device.log()).toEqual(["wrong PIN"]);
      await client.connections.closeAll();
      await other.stop();
    },
  );

  it("is not asked for a PIN where nobody is there", async () => {
    const request = await makeKeyInDevice({ verifyRequired: true });
    await expect(client.connections.connect(request, trusting)).rejects.toMatchObject({
      detail: { code: "authentication-failed" },
    });
    expect(await device.log()).toEqual([]);
  });
});
