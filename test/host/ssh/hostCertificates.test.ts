import { execFileSync } from "node:child_process";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { describeFailure } from "../../../src/messages/describeFailure.js";
import type { Failure } from "../../../src/common/failure.js";
import type { Interaction } from "../../../src/ssh/model/interaction.js";
import {
  createTestClient,
  createTestTunnels,
  credentialsOf,
  targetOf,
  type TestClient,
  trusting,
  trustingOnceAsked,
} from "../../support/client.js";
import { makeKey, type Sshd, startSshd } from "../../support/sshd.js";

let client: TestClient;
let server: Sshd | undefined;
beforeEach(async () => {
  client = await createTestClient();
  makeKey(join(client.home, "ca"), "ed25519", "");
});
afterEach(async () => {
  await client.dispose();
  await server?.stop();
  server = undefined;
});

/** A server whose key an authority vouches for. */
async function startCertified(principal = "127.0.0.1"): Promise<Sshd> {
  const certificate = join(client.home, "host-cert.pub");
  server = await startSshd({ config: [`HostCertificate ${certificate}`] });
  const key = join(server.folder, "host_key");
  const args = ["-q", "-s", join(client.home, "ca"), "-I", "host", "-h", "-n", principal, `${key}.pub`];
  execFileSync("ssh-keygen", args);
  await rename(`${key}-cert.pub`, certificate);
  await server.halt();
  await server.resume();
  return server;
}

async function trustAuthority(file = join(client.home, "ca.pub")): Promise<void> {
  const line = `@cert-authority * ${await readFile(file, "utf8")}`;
  await writeFile(join(client.home, ".ssh", "known_hosts"), line);
}

const connect = (to: Sshd, person: Interaction = trusting) => client.connectTo(to, person);

describe("a host that a certificate authority vouches for", () => {
  it("is connected to without a question, and a tunnel opens", async () => {
    await startCertified();
    await trustAuthority();
    const { questions, person } = trustingOnceAsked();
    const connection = await connect(server as Sshd, person);
    expect((await connection.exec("echo in")).stdout.toString()).toBe("in\n");
    expect(questions).toEqual([]);
    expect(await client.knownHosts.list()).toEqual([]);
    const tunnels = createTestTunnels(["openssh"], client.home);
    const remote = { host: "127.0.0.1", port: (server as Sshd).port };
    expect((await tunnels.open(connection, { remote })).backend).toBe("openssh");
    await tunnels.closeAll();
  });

  it("is refused where its certificate names another host, and ssh's reason is told", async () => {
    await startCertified("elsewhere.example");
    await trustAuthority();
    await expect(connect(server as Sshd)).rejects.toMatchObject({
      detail: {
        code: "openssh-host-key-refused",
        output: expect.stringContaining("name is not a listed principal") as string,
      },
    });
  });

  it("is refused where another authority signed its certificate", async () => {
    await startCertified();
    makeKey(join(client.home, "other"), "ed25519", "");
    await trustAuthority(join(client.home, "other.pub"));
    await expect(connect(server as Sshd)).rejects.toMatchObject({
      detail: { code: "openssh-host-key-refused" },
    });
  });

  it("that shows no certificate is asked about, as ssh asks", async () => {
    server = await startSshd();
    await trustAuthority();
    const { questions, person } = trustingOnceAsked();
    const connection = await connect(server, person);
    expect(questions).toMatchObject([{ key: server.hostKey, verdict: { kind: "unknown" } }]);
    expect(await client.knownHosts.list()).toMatchObject([{ key: server.hostKey }]);
    await connection.close();
    await connect(server, person);
    expect(questions).toHaveLength(1);
  });
});

describe("a server whose algorithms are not ours", () => {
  const configure = (text: string): Promise<void> => writeFile(join(client.home, ".ssh", "config"), text);
  const rsaOnly = { hostKeyType: "rsa", config: ["HostKeyAlgorithms ssh-rsa"] } as const;

  it("signs with SHA-1 alone: the words name that, and the cure", async () => {
    server = await startSshd(rsaOnly);
    const request = { target: targetOf(server), credentials: credentialsOf(server) };
    const error: unknown = await client.connections
      .connect(request, trusting)
      .catch((thrown: unknown) => thrown);
    const { detail } = error as Failure;
    expect(detail.code).toBe("no-common-algorithm");
    const { advice } = describeFailure(detail);
    expect(advice).toContain("ssh-rsa only");
    expect(advice).toContain("HostKeyAlgorithms +ssh-rsa");
  });

  it.each([
    ["a key that signs with SHA-1 alone, which is allowed", rsaOnly, "HostKeyAlgorithms +ssh-rsa\n"],
    ["a cipher, which is allowed", { config: ["Ciphers aes128-cbc"] }, "Ciphers +aes128-cbc\n"],
    ["a MAC", { config: ["Ciphers aes128-ctr", "MACs umac-64@openssh.com"] }, ""],
  ] as const)("has %s: the system's ssh carries the connection", async (_name, options, configuration) => {
    server = await startSshd(options);
    await configure(configuration);
    const { questions, person } = trustingOnceAsked();
    const connection = await connect(server, person);
    expect((await connection.exec("echo in")).stdout.toString()).toBe("in\n");
    expect(questions).toMatchObject([{ key: server.hostKey }]);
    const tunnels = createTestTunnels(["openssh"], client.home);
    const remote = { host: "127.0.0.1", port: server.port };
    expect((await tunnels.open(connection, { remote })).backend).toBe("openssh");
    await tunnels.closeAll();
  });
});
