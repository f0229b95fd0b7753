import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startAskingServer } from "../../support/askingServer.js";
import { finish } from "../../support/finish.js";
import { knownHostsLine, makeHostKeys, type TestHostKeys } from "../../support/hostKeys.js";
import { findProgram } from "../../support/packages.js";
import { makeEnvironment } from "../../support/runicorn/environments.js";
import { configureRoot, type HostHome, makeHostHome } from "../../support/runicorn/hostHome.js";
import { runicornVersions } from "../../support/runicorn/install.js";
import { type Sshd, startSshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

/* A terminal before hosts that lie: what it shows, what it asks, and what it keeps to itself. */

/** Sets the window's title, and puts a command into the clipboard. */
const escape = "\u001b]0;owned\u0007\u001b]52;c;cm0gLXJmIC8=\u0007\u009b31m";
const escapes = /[\u0007\u001b\u009b]/;

let host: HostHome;
let server: Sshd;
let home: string;
let keys: TestHostKeys;

beforeAll(async () => {
  host = await makeHostHome();
  server = await startSshd({ home: host.home });
  home = await mkdtemp(join(tmpdir(), "laptop-"));
  await mkdir(join(home, ".ssh"), { mode: 0o700 });
  keys = await makeHostKeys(home);
});
afterAll(async () => {
  await server.stop();
  await host.dispose();
  await rm(home, { recursive: true });
});

const data = () => join(home, "data");
const at = (port = server.port) => `${server.user}@127.0.0.1:${port}`;
const environment = () => ({ PATH: process.env["PATH"], HOME: home, TERM: "dumb" });
const trusted = () => ["--accept-host-key", server.hostKey.fingerprint];

function run(args: readonly string[], env: Record<string, string> = {}): ChildProcess {
  const command = ["dist/headless.js", ...args, "--data", data()];
  return spawn(process.execPath, command, {
    env: { ...environment(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** The program with a terminal of its own, before which somebody sits. */
function atTerminal(args: readonly string[]) {
  const command = [process.execPath, "dist/headless.js", ...args, "--data", data()];
  const quoted = command.map((word) => `'${word}'`).join(" ");
  const terminal = spawn("script", ["-qfec", quoted, "/dev/null"], { env: environment() });
  let shown = "";
  terminal.stdout.setEncoding("utf8").on("data", (text: string) => (shown += text));
  const exited = once(terminal, "exit") as Promise<[number]>;
  return {
    type: (line: string) => void terminal.stdin.write(`${line}\n`),
    shows: (text: string) => until(`it shows ${text}`, () => shown.includes(text)),
    ended: async () => ({ status: (await exited)[0], shown }),
  };
}

describe("text from a host", () => {
  it("is shown without terminal sequences: names, roots and the log", async () => {
    const root = join(host.home, `runs${escape.replaceAll("/", "")}`);
    const name = `env${escape.replaceAll("/", "")}`;
    await mkdir(root);
    await configureRoot(host.home, root);
    await makeEnvironment(join(host.home, "venvs", name), runicornVersions.newest);
    const identity = ["--identity", server.identityFile, ...trusted()];
    for (const json of [[], ["--json"]]) {
      const listed = await finish(run(["envs", at(), "-v", ...identity, ...json]));
      expect(listed.status).toBe(0);
      expect(listed.stdout).toContain("owned");
      expect(`${listed.stdout}${listed.stderr}`).not.toMatch(escapes);

      const child = run(["open", at(), "-v", "--env", name, ...identity, ...json]);
      const finished = finish(child);
      await once(child.stdout!, "data");
      child.kill("SIGTERM");
      const opened = await finished;
      expect(opened.status).toBe(0);
      expect(opened.stdout).toContain("owned");
      expect(`${opened.stdout}${opened.stderr}`).not.toMatch(escapes);
      if (json.length > 0) expect(JSON.parse(opened.stdout)).toMatchObject({ root, environment: name });
    }
    const failed = await finish(run(["open", at(), "-v", "--env", `${name}x`, ...identity]));
    expect(failed.status).toBe(1);
    expect(failed.stderr).toContain("owned");
    expect(failed.stderr).not.toMatch(escapes);
    await configureRoot(host.home, host.root);
  }, 120_000);

  it.skipIf(!findProgram("script"))("is quoted below our own text in a prompt", async () => {
    const asking = await startAskingServer(home, {
      name: "Passphrase for ~/.ssh/id_ed25519",
      instruction: `It unlocks the private key${escape}\r\nand is not sent anywhere.`,
      prompts: [{ prompt: "Passphrase for /home/ada/.ssh/id_ed25519: \n", echo: false }],
    });
    const options = ["--accept-host-key", asking.hostKey.fingerprint];
    const terminal = atTerminal(["envs", at(asking.port), ...options]);
    await terminal.shows("Answer: ");
    terminal.type("a secret");
    const { status, shown } = await terminal.ended();
    expect(status).toBe(4);
    expect(asking.answers).toEqual([["a secret"]]);
    const lines = shown.split(/\r?\n/);
    expect(lines[0]).toBe(`${server.user}@127.0.0.1 asks`);
    expect(lines.slice(1, 5)).toEqual([
      "  | Passphrase for ~/.ssh/id_ed25519",
      expect.stringMatching(/^ {2}\| It unlocks the private key\\x1b\]0;owned/),
      "  | and is not sent anywhere.",
      "  | Passphrase for /home/ada/.ssh/id_ed25519:",
    ]);
    expect(shown).not.toMatch(escapes);
    expect(shown).not.toContain("a secret");
    await asking.stop();
  });
});

describe("a password in the environment", () => {
  it("is not inherited by what the program starts", async () => {
    const seen = join(home, "environ");
    const script = join(home, "proxy.sh");
    await writeFile(script, `cat /proc/self/environ >'${seen}'\nexit 1\n`);
    await writeFile(join(home, ".ssh", "config"), `Host gpu\n  ProxyCommand sh ${script}\n`);
    const ended = await finish(
      run(["envs", "ada@gpu"], { RUNICORN_SSH_PASSWORD: "CANARY-of-the-environment" }),
    );
    await rm(join(home, ".ssh", "config"));
    expect(existsSync(seen), ended.stderr).toBe(true);
    const inherited = await readFile(seen, "latin1");
    expect(inherited).toContain(`HOME=${home}`);
    expect(inherited).not.toMatch(/CANARY|RUNICORN_SSH_PASSWORD/);
  });
});

describe("known-hosts replace", () => {
  const file = () => join(data(), "known_hosts");
  const name = () => `[127.0.0.1]:${server.port}`;
  const knows = async (key: keyof TestHostKeys | "server") => {
    const line = knownHostsLine(name(), key === "server" ? server.hostKey : keys[key]);
    return (await readFile(file(), "utf8")) === `${line}\n`;
  };
  const know = (key: keyof TestHostKeys) => writeFile(file(), `${knownHostsLine(name(), keys[key])}\n`);

  it("shows both keys, and replaces none where nobody can be asked", async () => {
    await know("a");
    const { status, stderr } = await finish(run(["known-hosts", "replace", at()]));
    expect(status).toBe(1);
    expect(stderr).toContain(`Known until now: ssh-ed25519 ${keys.a.fingerprint}`);
    expect(stderr).toContain(`Offered now: ssh-ed25519 ${server.hostKey.fingerprint}`);
    expect(await knows("a")).toBe(true);
    const wrong = ["--accept-host-key", keys.b.fingerprint];
    expect((await finish(run(["known-hosts", "replace", at(), ...wrong]))).status).toBe(1);
    expect(await knows("a")).toBe(true);
  });

  it("replaces the one that was named, and has nothing to do the second time", async () => {
    await know("a");
    expect(await finish(run(["known-hosts", "replace", at(), ...trusted()]))).toMatchObject({ status: 0 });
    expect(await knows("server")).toBe(true);
    const again = await finish(run(["known-hosts", "replace", at()]));
    expect(again.status).toBe(0);
    expect(again.stdout).toContain("Nothing was changed");
  });

  it.skipIf(!findProgram("script")).each([
    ["yes", 1, "a"],
    ["replace", 0, "server"],
  ] as const)("asks the user: %s", async (answer, status, left) => {
    await know("a");
    const terminal = atTerminal(["known-hosts", "replace", at()]);
    await terminal.shows('Type "replace"');
    terminal.type(answer);
    expect((await terminal.ended()).status).toBe(status);
    expect(await knows(left)).toBe(true);
  });

  it("adds the one that was named beside the known ones, and both are trusted", async () => {
    await know("a");
    expect(await finish(run(["known-hosts", "add", at(), ...trusted()]))).toMatchObject({ status: 0 });
    const lines = [keys.a, server.hostKey].map((key) => knownHostsLine(name(), key));
    expect(await readFile(file(), "utf8")).toBe(`${lines.join("\n")}\n`);
  });

  it("accepts no key of an unknown host", async () => {
    await writeFile(file(), "");
    expect((await finish(run(["known-hosts", "replace", at(), ...trusted()]))).status).toBe(3);
    expect(await readFile(file(), "utf8")).toBe("");
  });
});
