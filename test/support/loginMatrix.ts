import { execFileSync, spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { existsSync } from "node:fs";
import type { Credentials } from "../../src/ssh/model/connectRequest.js";
import type { Interaction } from "../../src/ssh/model/interaction.js";
import { createTestClient, type TestClient, trusting } from "./client.js";
import { oneTimeCode } from "./oneTimeCode.js";
import { type Sshd, startSshd } from "./sshd.js";
import { until } from "./until.js";

/** One way to log in, as a row of the table in docs/ssh-config.md. */
export interface Login {
  readonly name: string;
  /** The host's alias in the laptop's configuration. */
  readonly alias: string;
  readonly credentials: Credentials;
  readonly person: Interaction;
}

/** Hosts that share one home folder and want different things of whoever logs in, and two jump hosts before them. */
export interface LoginMatrix {
  readonly client: TestClient;
  readonly environment: NodeJS.ProcessEnv;
  readonly logins: readonly Login[];
  dispose(): Promise<void>;
}

/** Ways to a host; the suffix of the alias leads there. */
export const paths = [
  { name: "direct", suffix: "" },
  { name: "one hop", suffix: "-one-hop" },
  { name: "two hops", suffix: "-two-hops" },
] as const;

const password = "correct horse";
const passphrase = "battery staple";

/** @param home of whoever logs in to the hosts. */
export async function setLoginMatrix(home: string): Promise<LoginMatrix> {
  const keyAndCode = ["AuthenticationMethods publickey,keyboard-interactive"];
  const [keys, passwords, rounds, factors, first, second] = await Promise.all([
    startSshd({ home }),
    startSshd({ home, password }),
    startSshd({ home, password, code: true }),
    startSshd({ home, code: true, config: keyAndCode }),
    startSshd(),
    startSshd(),
  ]);
  const socket = join(keys.folder, "agent");
  const environment = { ...process.env, SSH_AUTH_SOCK: socket };
  const client = await createTestClient({ SSH_AUTH_SOCK: socket });
  const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
  await until("the agent listens", () => existsSync(socket));
  const key = async (name: string, ...options: string[]): Promise<string> => {
    const file = join(keys.folder, name);
    execFileSync("ssh-keygen", ["-q", "-f", file, "-C", name, ...options]);
    const authorized = join(keys.folder, "authorized_keys");
    await writeFile(authorized, await readFile(`${file}.pub`), { flag: "a" });
    return file;
  };
  const inAgent = await key("in-agent", "-t", "ed25519", "-N", "");
  execFileSync("ssh-add", ["-q", inAgent], { env: environment, stdio: "ignore" });
  const file = async (name: string, ...options: string[]): Promise<Credentials> => ({
    identityFiles: [await key(name, ...options)],
    useAgent: false,
  });
  const logins: Login[] = [
    login("key ed25519", "keys", await file("ed25519", "-t", "ed25519", "-N", "")),
    login("key ecdsa", "keys", await file("ecdsa", "-t", "ecdsa", "-N", "")),
    login("key rsa", "keys", await file("rsa", "-t", "rsa", "-N", "")),
    login("key, encrypted (OpenSSH)", "keys", await file("locked", "-t", "ed25519", "-N", passphrase)),
    login(
      "key, encrypted (PKCS#8)",
      "keys",
      await file("pkcs8", "-t", "rsa", "-m", "PKCS8", "-N", passphrase),
    ),
    login("agent", "keys", {}),
    login("password", "passwords", { useAgent: false }),
    login("password and code, two rounds", "rounds", { useAgent: false }),
    login("key and code", "factors", { identityFiles: [factors.identityFile], useAgent: false }),
  ];
  const hosts = { keys, passwords, rounds, factors };
  await writeFile(
    join(client.home, ".ssh", "config"),
    [
      hopBlock("first", first),
      hopBlock("second", second),
      ...Object.entries(hosts).flatMap(([alias, { port, user }]) => [
        `Host ${alias} ${alias}-*\n  HostName 127.0.0.1\n  Port ${port}\n  User ${user}`,
      ]),
      "Host *-one-hop\n  ProxyJump first",
      "Host *-two-hops\n  ProxyJump first,second",
      "",
    ].join("\n"),
  );
  return {
    client,
    environment,
    logins,
    dispose: async () => {
      await client.dispose();
      agent.kill();
      await Promise.all([keys, passwords, rounds, factors, first, second].map((server) => server.stop()));
    },
  };
}

function hopBlock(alias: string, { port, user, identityFile }: Sshd): string {
  const lines = ["HostName 127.0.0.1", `Port ${port}`, `User ${user}`, `IdentityFile ${identityFile}`];
  return [`Host ${alias}`, ...lines, "IdentitiesOnly yes"].join("\n  ");
}

function login(name: string, alias: string, credentials: Credentials): Login {
  const person: Interaction = {
    ...trusting,
    password: () => Promise.resolve(password),
    passphrase: () => Promise.resolve(passphrase),
    keyboardInteractive: ({ prompts }) => Promise.resolve(prompts.map(() => oneTimeCode())),
  };
  return { name, alias, credentials, person };
}
