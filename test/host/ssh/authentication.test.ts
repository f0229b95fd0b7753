import { execFileSync, spawn } from "node:child_process";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Interaction, type PassphraseRequest, unattended } from "../../../src/ssh/model/interaction.js";
import { createTestClient, targetOf, trusting } from "../../support/client.js";
import { canCheckPasswords } from "../../support/pam.js";
import { makeKey, type Sshd, startSshd } from "../../support/sshd.js";

let server: Sshd;
let folder: string;
beforeAll(async () => {
  server = await startSshd({ config: ["MaxAuthTries 20"] });
  folder = server.folder;
});
afterAll(() => server.stop());

async function authorize(publicKeyFile: string): Promise<void> {
  const file = join(folder, "authorized_keys");
  await writeFile(file, (await readFile(file, "utf8")) + (await readFile(publicKeyFile, "utf8")));
}

/** A person who trusts the host and types these passphrases, in order. */
function typing(passphrases: string[]): { person: Interaction; asked: PassphraseRequest[] } {
  const asked: PassphraseRequest[] = [];
  const passphrase = (request: PassphraseRequest): Promise<string | undefined> => {
    asked.push(request);
    return Promise.resolve(passphrases.shift());
  };
  return { person: { ...trusting, passphrase }, asked };
}

describe("private keys", () => {
  it.each([
    ["ed25519", "ed25519", []],
    ["ecdsa", "ecdsa", []],
    ["rsa", "rsa", []],
    ["rsa as PEM", "rsa", ["-m", "PEM"]],
    ["rsa as PKCS#8", "rsa", ["-m", "PKCS8"]],
    ["ecdsa as PKCS#8", "ecdsa", ["-m", "PKCS8"]],
  ])("%s logs in, plain and with a passphrase", async (name, type, format) => {
    for (const passphrase of ["", "correct horse"]) {
      const file = join(folder, `${name.replaceAll(/\W/g, "-")}-${passphrase ? "encrypted" : "plain"}`);
      execFileSync("ssh-keygen", ["-q", "-t", type, ...format, "-N", passphrase, "-f", file]);
      await authorize(`${file}.pub`);
      const { person, asked } = typing([passphrase]);
      const client = await createTestClient();
      const credentials = { identityFiles: [file], useAgent: false };
      const connection = await client.connections.connect({ target: targetOf(server), credentials }, person);
      expect((await connection.exec("echo hello")).stdout.toString()).toBe("hello\n");
      expect(asked).toHaveLength(passphrase ? 1 : 0);
      await client.dispose();
    }
  });

  it("ed25519 as PKCS#8 logs in", async () => {
    const file = join(folder, "pkcs8-ed25519");
    const { generateKeyPairSync } = await import("node:crypto");
    const pair = generateKeyPairSync("ed25519");
    await writeFile(file, pair.privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
    const raw = Buffer.from(pair.publicKey.export({ format: "jwk" }).x ?? "", "base64url");
    const sized = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
    const blob = Buffer.concat([sized(Buffer.from("ssh-ed25519")), sized(raw)]);
    await writeFile(`${file}.pub`, `ssh-ed25519 ${blob.toString("base64")}\n`);
    await authorize(`${file}.pub`);
    const client = await createTestClient();
    const credentials = { identityFiles: [file], useAgent: false };
    const connection = await client.connections.connect({ target: targetOf(server), credentials }, trusting);
    expect(connection.state).toBe("open");
    await client.dispose();
  });

  it("ask for the passphrase again when it was wrong, and never for a key that the server does not take", async () => {
    const wanted = join(folder, "wanted");
    const unwanted = join(folder, "unwanted");
    makeKey(wanted, "ed25519", "", "right");
    makeKey(unwanted, "ed25519", "", "other");
    await authorize(`${wanted}.pub`);
    const { person, asked } = typing(["wrong", "right"]);
    const client = await createTestClient();
    const credentials = { identityFiles: [unwanted, wanted], useAgent: false };
    await client.connections.connect({ target: targetOf(server), credentials }, person);
    expect(asked.map(({ identityFile, again }) => [identityFile, again])).toEqual([
      [wanted, false],
      [wanted, true],
    ]);
    await client.dispose();
  });

  it("that cannot be read are named", async () => {
    const client = await createTestClient();
    const credentials = { identityFiles: [join(folder, "nowhere")] };
    await expect(
      client.connections.connect({ target: targetOf(server), credentials }, trusting),
    ).rejects.toMatchObject({ detail: { code: "identity-file-unreadable", file: join(folder, "nowhere") } });
    await client.dispose();
  });

  it.each(["ed25519", "ecdsa", "rsa"])(
    "of type %s are each offered once, and the failure says what was tried",
    async (type) => {
      const strange = join(folder, `strange-${type}`);
      const copy = join(folder, `strange-copy-${type}`);
      makeKey(strange, type, "");
      await copyFile(strange, copy);
      const before = (await server.log()).length;
      const client = await createTestClient();
      const credentials = { identityFiles: [strange, copy, strange], useAgent: false };
      await expect(
        client.connections.connect({ target: targetOf(server), credentials }, trusting),
      ).rejects.toMatchObject({
        detail: {
          code: "authentication-failed",
          tried: [`publickey (${strange})`],
          remaining: ["publickey"],
        },
      });
      const said = (await server.log()).slice(before);
      expect(
        said.match(/userauth-request for user \S+ service ssh-connection method publickey/g),
      ).toHaveLength(1);
      await client.dispose();
    },
  );
});

describe("credentials that only OpenSSH can use", () => {
  it("are named in the failure: security keys and certificates", async () => {
    const client = await createTestClient();
    const file = join(client.home, ".ssh", "id_ed25519_sk");
    await writeFile(file, securityKey(), { mode: 0o600 });
    await writeFile(
      join(client.home, ".ssh", "config"),
      `IdentityFile ${file}\nCertificateFile ~/.ssh/id-cert.pub\n`,
    );
    const failure = {
      code: "authentication-failed",
      skipped: ["CertificateFile", `${file} (sk-ssh-ed25519@openssh.com)`],
    };
    await expect(client.connections.connect({ target: targetOf(server) }, trusting)).rejects.toMatchObject({
      detail: { ...failure, tried: [] },
    });
    const credentials = { identityFiles: [file] };
    await expect(
      client.connections.connect({ target: targetOf(server), credentials }, trusting),
    ).rejects.toMatchObject({
      detail: { ...failure, tried: [], openssh: expect.any(String) as string },
    });
    await client.dispose();
  });

  /** The file of a key that lives in a device, as ssh-keygen writes it; its private part is of no matter. */
  function securityKey(): string {
    const sized = (bytes: Buffer | string): Buffer => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return Buffer.concat([length, Buffer.from(bytes)]);
    };
    const blob = Buffer.concat([
      sized("sk-ssh-ed25519@openssh.com"),
      sized(Buffer.alloc(32, 1)),
      sized("ssh:"),
    ]);
    const parts = [
      sized("none"),
      sized("none"),
      sized(""),
      Buffer.from([0, 0, 0, 1]),
      sized(blob),
      sized(Buffer.alloc(64)),
    ];
    const body = Buffer.concat([Buffer.from("openssh-key-v1\0"), ...parts]).toString("base64");
    return `-----BEGIN OPENSSH PRIVATE KEY-----\n${body.replace(/.{70}/g, "$&\n")}\n-----END OPENSSH PRIVATE KEY-----\n`;
  }
});

describe("the agent", () => {
  it("signs, and is not asked for other keys with IdentitiesOnly", async () => {
    const socket = join(folder, "agent");
    const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
    const environment = { SSH_AUTH_SOCK: socket };
    const { until } = await import("../../support/until.js");
    const { existsSync } = await import("node:fs");
    await until("the agent listens", () => existsSync(socket));
    const other = join(folder, "agent-other");
    makeKey(other, "ed25519", "other");
    const env = { ...process.env, ...environment };
    execFileSync("ssh-add", ["-q", other, server.identityFile], { env, stdio: "ignore" });

    const client = await createTestClient(environment);
    const connection = await client.connections.connect({ target: targetOf(server) }, trusting);
    expect(connection.state).toBe("open");
    await client.dispose();

    const strict = await createTestClient(environment);
    await copyFile(`${other}.pub`, join(strict.home, ".ssh", "id_other.pub"));
    await copyFile(other, join(strict.home, ".ssh", "id_other"));
    await writeFile(
      join(strict.home, ".ssh", "config"),
      "IdentitiesOnly yes\nIdentityFile ~/.ssh/id_other\n",
    );
    await expect(strict.connections.connect({ target: targetOf(server) }, trusting)).rejects.toMatchObject({
      detail: { code: "authentication-failed", tried: ["publickey (agent other)"] },
    });
    await strict.dispose();
    agent.kill();
  });
});

describe.skipIf(!canCheckPasswords)("a password", () => {
  const secret = "pass wörd'; touch x #";
  let host: Sshd;
  beforeAll(async () => {
    host = await startSshd({ password: secret });
  });
  afterAll(() => host.stop());

  const attempts = async (): Promise<number> =>
    (await host.log()).split("\n").filter((line) => /(Failed|Accepted) password/.test(line)).length;

  it("that is right logs in, and is asked for once", async () => {
    const client = await createTestClient();
    const asked: string[] = [];
    const person = {
      ...trusting,
      password: ({ user }: { user: string }) => Promise.resolve((asked.push(user), secret)),
    };
    const before = await attempts();
    const connection = await client.connections.connect({ target: targetOf(host) }, person);
    expect((await connection.exec("echo in")).stdout.toString()).toBe("in\n");
    expect(asked).toEqual([host.user]);
    expect(await attempts()).toBe(before + 1);
    await client.dispose();
  });

  it("that is wrong is tried once, and the failure says what was tried and never the password", async () => {
    const client = await createTestClient();
    let asked = 0;
    const person = { ...trusting, password: () => Promise.resolve(`wrong ${(asked += 1)}`) };
    const before = await attempts();
    const failure: unknown = await client.connections
      .connect({ target: targetOf(host) }, person)
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ detail: { code: "authentication-failed", tried: ["password"] } });
    expect(JSON.stringify(failure)).not.toContain("wrong 1");
    expect(asked).toBe(1);
    expect(await attempts()).toBe(before + 1);
    await client.dispose();
  });
});

describe("nobody to ask", () => {
  it("fails without a password", async () => {
    const client = await createTestClient();
    await client.knownHosts.add(`[127.0.0.1]:${server.port}`, server.hostKey);
    await expect(client.connections.connect({ target: targetOf(server) }, unattended)).rejects.toMatchObject({
      detail: { code: "authentication-failed", tried: [] },
    });
    await client.dispose();
  });
});
