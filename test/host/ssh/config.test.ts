import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Logger } from "../../../src/common/logger.js";
import { silentLogger } from "../../../src/common/logger.js";
import { createConfigReader } from "../../../src/ssh/config/config.js";
import { createSshProgram } from "../../../src/ssh/config/sshProgram.js";
import type { Interaction } from "../../../src/ssh/model/interaction.js";
import {
  createTestClient,
  createTestTunnels,
  credentialsOf,
  type TestClient,
  targetOf,
  trusting,
  trustingOnceAsked,
} from "../../support/client.js";
import { findProgram } from "../../support/packages.js";
import { type Sshd, startSshd } from "../../support/sshd.js";

let client: TestClient;
let server: Sshd | undefined;
beforeEach(async () => {
  client = await createTestClient();
});
afterEach(async () => {
  await client.dispose();
  await server?.stop();
  server = undefined;
});

const ssh = (...path: string[]): string => join(client.home, ".ssh", ...path);
const configure = (text: string): Promise<void> => writeFile(ssh("config"), text);
const reader = (more: NodeJS.ProcessEnv = {}, logger: Logger = silentLogger) => {
  const environment = { PATH: process.env["PATH"], ...more };
  return createConfigReader({ program: createSshProgram({ home: client.home, environment }), logger });
};

describe("ssh -G", () => {
  it("tells of Match, Include and tokens", async () => {
    await mkdir(ssh("config.d"));
    await writeFile(ssh("config.d", "work"), 'Host gpu\n  HostName %h.lab\n  IdentityFile "~/.ssh/%r key"\n');
    await configure(
      `Include ${ssh("config.d")}/*\nMatch host gpu.lab exec "test -d ${client.home}"\n  User matched\n  Port 2200\nHost *\n  User other\n`,
    );
    expect(await reader()({ host: "gpu" })).toMatchObject({
      hostName: "gpu.lab",
      user: "matched",
      port: 2200,
      identityFiles: [ssh("matched key")],
    });
    expect(await reader()({ host: "gpu", user: "me", port: 22 })).toMatchObject({ user: "me", port: 22 });
  });

  it("returns defaults without a file", async () => {
    expect(await reader()({ host: "gpu" })).toMatchObject({
      hostName: "gpu",
      port: 22,
      user: userInfo().username,
      knownHostsFiles: [
        ssh("known_hosts"),
        ssh("known_hosts2"),
        "/etc/ssh/ssh_known_hosts",
        "/etc/ssh/ssh_known_hosts2",
      ],
    });
  });

  it.each([
    ["Host *\n  NoSuchKeyword yes\n", "Bad configuration option: nosuchkeyword", 2],
    ["Port many\n", "Bad port 'many'", 1],
    ["Host gpu\n\n  BatchMode maybe\n", 'unsupported option "maybe"', 3],
  ])("that refuses %j is the failure, with file and line", async (text, said, line) => {
    await configure(text);
    await expect(reader()({ host: "gpu" })).rejects.toMatchObject({
      detail: {
        code: "ssh-config-refused",
        said: expect.stringContaining(said) as string,
        file: ssh("config"),
        line,
      },
    });
  });

  it("refuses a file that others may write to", async () => {
    // ssh looks at the owner only where the file was not named to it, as ours is here.
    const refusal = `echo 'Bad owner or permissions on ${ssh("config")}' >&2; exit 255`;
    await writeFile(ssh("strict"), `#!/bin/sh\n${refusal}\n`, { mode: 0o755 });
    await expect(reader({ RUNICORN_SSH_PATH: ssh("strict") })({ host: "gpu" })).rejects.toMatchObject({
      detail: { code: "ssh-config-refused", file: ssh("config") },
    });
  });

  it("is asked of the system's own ssh where the first one does not know a keyword", async () => {
    const first = ssh("first-ssh");
    const refusal = "echo '/x/config: line 1: Bad configuration option: usekeychain' >&2; exit 255";
    await writeFile(first, `#!/bin/sh\n${refusal}\n`, { mode: 0o755 });
    await configure("Port 2222\n");
    const environment = { PATH: process.env["PATH"], RUNICORN_SSH_PATH: first };
    const program = createSshProgram({ home: client.home, environment, ownOfSystem: findProgram("ssh") });
    const read = createConfigReader({ program, logger: silentLogger });
    expect(await read({ host: "gpu" })).toMatchObject({ port: 2222 });
    expect(program.command).toBe(findProgram("ssh"));
  });

  it("stays in the foreground despite ForkAfterAuthentication, and so does a tunnel", async () => {
    server = await startSshd();
    await configure("Port 2222\nForkAfterAuthentication yes\nStdinNull yes\nSessionType none\n");
    expect(await reader()({ host: "gpu" })).toMatchObject({ port: 2222 });
    const tunnels = createTestTunnels(["openssh"], client.home);
    const remote = { host: "127.0.0.1", port: server.port };
    const tunnel = await tunnels.open(await client.connectTo(server), { remote });
    expect(tunnel.backend).toBe("openssh");
    await tunnels.closeAll();
  });

  it("that is missing is told once, and the file is read without it", async () => {
    await configure("Host gpu\n  HostName 10.0.0.1\n  ProxyJump login\nHost *\n  User ada\n");
    const warnings: string[] = [];
    const read = reader(
      { RUNICORN_SSH_PATH: "/nowhere/ssh" },
      { ...silentLogger, warn: (message) => warnings.push(message) },
    );
    const expected = {
      hostName: "10.0.0.1",
      user: "ada",
      route: { kind: "jump", hops: [{ host: "login" }] },
    };
    expect(await read({ host: "gpu" })).toMatchObject(expected);
    expect(await read({ host: "gpu" })).toMatchObject(expected);
    expect(warnings.filter((text) => text.includes("without"))).toHaveLength(1);
  });
});

describe("host key options of the configuration", () => {
  const connect = (person: Interaction = trusting) =>
    client.connections.connect(
      { target: targetOf(server as Sshd), credentials: credentialsOf(server as Sshd) },
      person,
    );

  it("UserKnownHostsFile and HostKeyAlias are used", async () => {
    server = await startSshd();
    const { type, base64 } = server.hostKey;
    await writeFile(ssh("elsewhere"), `cluster ${type} ${base64}\n`);
    await configure("HostKeyAlias cluster\nUserKnownHostsFile ~/.ssh/none %d/.ssh/elsewhere\n");
    const { questions, person } = trustingOnceAsked();
    await connect(person);
    expect(questions).toEqual([]);
    expect(await client.knownHosts.list()).toEqual([]);
  });

  it("StrictHostKeyChecking yes prevents the prompt, and the failure says so", async () => {
    server = await startSshd();
    await configure("StrictHostKeyChecking yes\n");
    const { questions, person } = trustingOnceAsked();
    await expect(connect(person)).rejects.toMatchObject({
      detail: { code: "host-key-not-trusted", refusedBy: "configuration" },
    });
    expect(questions).toEqual([]);
    expect(await server.log()).not.toMatch(/userauth-request/);
  });

  it.each(["accept-new", "no"])(
    "StrictHostKeyChecking %s keeps a new key, and refuses a changed one",
    async (value) => {
      server = await startSshd();
      await configure(`StrictHostKeyChecking ${value}\n`);
      const { questions, person } = trustingOnceAsked();
      await (await connect(person)).close();
      expect(questions).toEqual([]);
      expect(await client.knownHosts.list()).toMatchObject([{ key: server.hostKey }]);
      const { port } = server;
      await server.stop();
      server = await startSshd({ port });
      await expect(connect(person)).rejects.toMatchObject({
        detail: { code: "host-key-rejected", verdict: { kind: "changed" } },
      });
      expect(questions).toEqual([]);
    },
  );
});

describe("other options of the configuration", () => {
  it("compression is used, and a large answer arrives whole", async () => {
    server = await startSshd();
    await configure("Compression yes\n");
    const request = { target: targetOf(server), credentials: credentialsOf(server) };
    const connection = await client.connections.connect(request, trusting);
    const { stdout } = await connection.exec("head -c 3000000 /dev/zero");
    expect(stdout).toHaveLength(3_000_000);
    expect(await server.log()).toMatch(/Enabling compression/);
  });

  it("PreferredAuthentications leaves methods out", async () => {
    server = await startSshd();
    await configure("PreferredAuthentications password\n");
    const request = { target: targetOf(server), credentials: credentialsOf(server) };
    await expect(client.connections.connect(request, trusting)).rejects.toMatchObject({
      detail: { code: "authentication-failed", tried: [], remaining: ["publickey"] },
    });
  });

  it("PubkeyAuthentication no offers no key", async () => {
    server = await startSshd();
    await configure("PubkeyAuthentication no\n");
    const request = { target: targetOf(server), credentials: credentialsOf(server) };
    await expect(client.connections.connect(request, trusting)).rejects.toMatchObject({
      detail: { code: "authentication-failed", tried: [] },
    });
    expect(await server.log()).not.toMatch(/method publickey/);
  });

  it("IdentityFile may hold a variable, and the tunnel takes the same key", async () => {
    server = await startSshd();
    await client.dispose();
    const environment = { PATH: process.env["PATH"], KEYS: server.folder };
    client = await createTestClient(environment);
    await configure("IdentityFile ${KEYS}/id_ed25519\nIdentitiesOnly yes\nIdentityAgent none\n");
    const connection = await client.connections.connect({ target: targetOf(server) }, trusting);
    const tunnels = createTestTunnels(["openssh"], client.home, environment);
    const remote = { host: "127.0.0.1", port: server.port };
    expect((await tunnels.open(connection, { remote })).backend).toBe("openssh");
    await tunnels.closeAll();
  });

  it("IdentityAgent none leaves the agent alone, and a path names another", async () => {
    server = await startSshd();
    const socket = join(server.folder, "agent");
    const pid = /SSH_AGENT_PID=(\d+)/.exec(execFileSync("ssh-agent", ["-a", socket]).toString())?.[1];
    execFileSync("ssh-add", ["-q", server.identityFile], {
      env: { ...process.env, SSH_AUTH_SOCK: socket },
      stdio: "ignore",
    });
    try {
      const target = targetOf(server);
      await configure(`IdentityAgent ${socket}\n`);
      const connection = await client.connections.connect({ target }, trusting);
      await connection.close();
      await configure("IdentityAgent none\n");
      await expect(client.connections.connect({ target }, trusting)).rejects.toMatchObject({
        detail: { code: "authentication-failed", tried: [] },
      });
    } finally {
      process.kill(Number(pid));
    }
  });
});
