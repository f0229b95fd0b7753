import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync } from "node:fs";
import { chmod, chown, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeSshConfig } from "../../support/clientHome.js";
import { finish } from "../../support/finish.js";
import { processesIn, processesNaming } from "../../support/processes.js";
import { type HostHome, makeHostHome } from "../../support/runicorn/hostHome.js";
import { runicornVersions } from "../../support/runicorn/install.js";
import { type Sshd, startSshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

let host: HostHome;
let server: Sshd;
let data: string;

beforeAll(async () => {
  host = await makeHostHome();
  server = await startSshd({ home: host.home });
  data = await mkdtemp(join(tmpdir(), "data-"));
});
afterAll(async () => {
  await server.stop();
  await host.dispose();
  await rm(data, { recursive: true });
});

function run(...args: string[]): ChildProcess {
  const options = ["--identity", server.identityFile, "--data", data];
  return spawn(process.execPath, ["dist/headless.js", ...options, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
}

const at = () => `${server.user}@127.0.0.1:${server.port}`;

describe("the terminal program", () => {
  it("says on one line that the host key is not known, and exits with 3", async () => {
    const { status, stdout, stderr } = await finish(run("envs", at()));
    expect({ status, stdout }).toEqual({ status: 3, stdout: "" });
    expect(JSON.parse(stderr)).toMatchObject({
      code: "HOST_KEY_CONFIRMATION_REQUIRED",
      host_key: { port: server.port, fingerprint_sha256: server.hostKey.fingerprint, reason: "unknown" },
    });
  });

  it("does not take another key than the accepted one", async () => {
    const { status } = await finish(run("envs", at(), "--accept-host-key", `SHA256:${"A".repeat(43)}`));
    expect(status).toBe(3);
  });

  it("lists environments as JSON once the key is accepted", async () => {
    const { status, stdout } = await finish(
      run("envs", at(), "--json", "--accept-host-key", server.hostKey.fingerprint),
    );
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      storage_root: host.root,
      complete: true,
      environments: [
        { name: "train", runicorn_version: runicornVersions.newest },
        { name: "vision/.venv" },
        {},
        {},
      ],
    });
  });

  it("prints how busy a host is, for a person and as JSON", async () => {
    const accept = ["--accept-host-key", server.hostKey.fingerprint];
    const text = await finish(run("status", at(), ...accept));
    expect(text.status).toBe(0);
    expect(text.stdout).toMatch(/^Load \(1, 5 and 15 min\): [\d.]+, [\d.]+, [\d.]+ on \d+ cores/m);
    expect(text.stdout).toMatch(/^Home disk: \S+ \S+ of \S+ \S+ free$/m);
    expect(text.stdout).toContain("No GPU: nvidia-smi and rocm-smi are missing.");
    const json = await finish(run("status", at(), "--json", "--root", host.root, ...accept));
    expect(JSON.parse(json.stdout)).toMatchObject({
      hostname: hostname(),
      disks: [{ root: host.root, late: false }],
      gpus: [],
      gpu_trouble: [],
    });
  });

  it("runs no ssh that somebody put into the current folder, whatever PATH says", async () => {
    const planted = await mkdtemp(join(tmpdir(), "planted-"));
    await writeFile(join(planted, "ssh"), `#!/bin/sh\necho "$0" >>'${planted}/ran'\n`, { mode: 0o755 });
    const args = ["envs", at(), "--accept-host-key", server.hostKey.fingerprint];
    const child = spawn(
      process.execPath,
      [resolve("dist/headless.js"), ...args, "--identity", server.identityFile, "--data", data],
      {
        cwd: planted,
        env: { ...process.env, PATH: `:.:${process.env["PATH"]}` },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    expect((await finish(child)).status).toBe(0);
    expect(existsSync(join(planted, "ran"))).toBe(false);
    await rm(planted, { recursive: true });
  });

  it.skipIf(process.getuid?.() !== 0)(
    "believes nothing that another account put into its data folder, and is not held up by a pipe there",
    async () => {
      const theirs = await mkdtemp(join(tmpdir(), "data-"));
      const { type, base64 } = server.hostKey;
      await writeFile(join(theirs, "known_hosts"), `[127.0.0.1]:${server.port} ${type} ${base64}\n`);
      const envs = () => finish(run("envs", at(), "--data", theirs));
      try {
        expect((await envs()).status).toBe(0);
        await chmod(theirs, 0o777);
        expect((await envs()).status).toBe(0);
        expect((await stat(theirs)).mode & 0o777).toBe(0o755);
        await chown(theirs, 54_321, 54_321);
        const refused = await envs();
        expect(refused).toMatchObject({ status: 1, stdout: "" });
        expect(refused.stderr).toContain(
          `${theirs} belongs to another account of this machine (user ID 54321), so it is not used.`,
        );
        await chown(theirs, 0, 0);
        await rm(join(theirs, "guard-key"));
        execFileSync("mkfifo", [join(theirs, "guard-key")]);
        expect((await envs()).stderr).toContain(`${join(theirs, "guard-key")} is not a regular file`);
        expect((await envs()).status).toBe(1);
      } finally {
        await rm(theirs, { recursive: true });
      }
    },
  );

  it("opens a viewer, stays, and leaves nothing behind on SIGTERM", async () => {
    const child = run("open", at(), "--env", "train", "--json");
    const [line] = (await once(child.stdout!, "data")) as [Buffer];
    const { url, remote_pid: pid } = JSON.parse(line.toString()) as { url: string; remote_pid: number };
    const health = await fetch(new URL("/api/health", url));
    expect(await health.json()).toMatchObject({ storage: host.root, version: runicornVersions.newest });
    expect(existsSync(`/proc/${pid}`)).toBe(true);
    child.kill("SIGTERM");
    expect((await finish(child)).status).toBe(0);
    expect(existsSync(`/proc/${pid}`)).toBe(false);
    expect(existsSync(join(host.home, ".cache", "runicorn-remote"))).toBe(false);
    const others = execFileSync("find", [
      host.home,
      "-newer",
      join(server.folder, "sshd_config"),
      "-type",
      "f",
    ]);
    expect(
      others
        .toString()
        .split("\n")
        .filter((path) => path && !path.startsWith(host.root)),
    ).toEqual([join(host.home, ".config", "runicorn", "rate_limits.json")]);
  });

  it("takes an interrupt that comes twice at once, as npm passes it on, for one", async () => {
    const child = run("open", at(), "--env", "train", "--json");
    await once(child.stdout!, "data");
    const over = finish(child);
    child.kill("SIGINT");
    await delay(50);
    child.kill("SIGINT");
    expect(await over).toMatchObject({ status: 0, stderr: "" });
    expect(await processesIn(host.home)).toEqual([]);
  });

  it("tells each step of a diagnosis as it is done, and ends it at the first signal", async () => {
    const shell = join(data, "shell");
    const stuck = `#!/bin/sh\ncase "$*" in *'exec cat'*) exec sleep 1000;; esac\nexec /bin/sh "$@"\n`;
    await writeFile(shell, stuck, { mode: 0o755 });
    const slow = await startSshd({ home: host.home, shell });
    const to = `${slow.user}@127.0.0.1:${slow.port}`;
    const options = ["--identity", slow.identityFile, "--accept-host-key", slow.hostKey.fingerprint];
    try {
      for (const [signal, status] of [
        ["SIGINT", 130],
        ["SIGTERM", 143],
      ] as const) {
        const diagnosing = run("diagnose", to, ...options);
        let said = "";
        diagnosing.stderr?.on("data", (chunk) => (said += String(chunk)));
        const over = finish(diagnosing);
        await until("the step SFTP is over", () => said.includes("SFTP"));
        const asked = performance.now();
        diagnosing.kill(signal);
        expect((await over).status).toBe(status);
        expect(performance.now() - asked).toBeLessThan(10_000);
        expect(said).not.toContain("Stopping takes too long");
      }
    } finally {
      await slow.stop();
    }
  }, 90_000);

  it("shuts down silently when nobody reads its output", async () => {
    const envs = run("envs", at());
    envs.stdout?.destroy();
    expect(await finish(envs)).toEqual({ status: 141, stdout: "", stderr: "" });

    const open = run("open", at(), "--env", "train");
    open.stdout?.destroy();
    expect(await finish(open)).toEqual({ status: 141, stdout: "", stderr: "" });
    expect(existsSync(join(host.home, ".cache", "runicorn-remote"))).toBe(false);

    const deaf = run("envs", "nobody@127.0.0.1:1");
    deaf.stderr?.destroy();
    expect((await finish(deaf)).status).toBe(141);
  });

  it("says why its output cannot be written", async () => {
    const [full, child] = [openSync("/dev/full", "w"), ["dist/headless.js", "--help"]];
    const help = spawn(process.execPath, child, { stdio: ["ignore", full, "pipe"] });
    closeSync(full);
    expect(await finish(help)).toEqual({
      status: 1,
      stdout: "",
      stderr: "Standard output cannot be written: ENOSPC\n",
    });
  });

  it("says when a stop is not confirmed, and what becomes of the viewer, and stops it over the next connection", async () => {
    const child = run("open", at(), "--env", "train", "--json");
    const [line] = (await once(child.stdout!, "data")) as [Buffer];
    const { remote_pid: pid } = JSON.parse(line.toString()) as { remote_pid: number };
    await server.halt();
    child.kill("SIGINT");
    const { status, stderr } = await finish(child);
    expect(stderr).toContain("It could not be confirmed that the viewer on 127.0.0.1 was stopped.");
    expect(stderr).toContain(
      "as soon as you connect to that host again, and ends by itself within 10 minutes.",
    );
    expect(status).toBe(1);
    expect(existsSync(`/proc/${pid}`)).toBe(true);
    await server.resume();
    expect((await finish(run("envs", at()))).status).toBe(0);
    expect(existsSync(`/proc/${pid}`)).toBe(false);
    expect(existsSync(join(host.home, ".cache", "runicorn-remote"))).toBe(false);
  });

  it("leaves no ssh behind when it is killed, not even those of jump hosts", async () => {
    const login = await startSshd();
    const home = await mkdtemp(join(tmpdir(), "laptop-"));
    const hop = { alias: "login", port: login.port, user: login.user, identityFile: login.identityFile };
    const gpu = { alias: "gpu", port: server.port, user: server.user, identityFile: server.identityFile };
    await writeSshConfig(home, [hop, { ...gpu, proxyJump: "login" }]);
    const known = [login, server].map(
      ({ port, hostKey }) => `[127.0.0.1]:${port} ${hostKey.type} ${hostKey.base64}\n`,
    );
    await writeFile(join(home, ".ssh", "known_hosts"), known.join(""));
    const child = spawn(
      process.execPath,
      ["dist/headless.js", "open", "gpu", "--env", "train", "--json", "--data", join(home, "data")],
      { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, HOME: home, SSH_AUTH_SOCK: "" } },
    );
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    const { url } = JSON.parse(line.toString()) as { url: string };
    expect((await fetch(new URL("/api/health", url))).status).toBe(200);
    const ours = () => processesNaming(`/runicorn-${child.pid}-`);
    // The one that forwards, and the one that it reaches the host through.
    await until("they carry it", async () => (await ours()).length === 2);
    child.kill("SIGKILL");
    await once(child, "exit");
    await until("every ssh has ended", async () => (await ours()).length === 0);
    for (const { pid } of await processesIn(host.home)) process.kill(pid, "SIGKILL");
    await login.stop();
    await rm(home, { recursive: true });
  });

  it.each([
    ["nothing", [], 2],
    ["an unknown command", ["start"], 2],
    ["a host that is none", ["envs", "-oProxyCommand=x"], 2],
    ["a host like an option", ["envs", "--", "-x"], 2],
  ])("exits with 2 for %s", async (_name, args, status) => {
    const child = spawn(process.execPath, ["dist/headless.js", ...args], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    expect((await finish(child)).status).toBe(status);
  });

  it("exits with 4 when authentication fails, and with 1 when the host does not answer", async () => {
    const options = ["--data", data, "--identity"];
    const stranger = join(data, "stranger");
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", stranger]);
    const env = { ...process.env, HOME: data, SSH_AUTH_SOCK: "" };
    const refused = spawn(process.execPath, ["dist/headless.js", "envs", at(), ...options, stranger], {
      env,
    });
    expect(await finish(refused)).toMatchObject({ status: 4, stdout: "" });
    const closed = spawn(
      process.execPath,
      ["dist/headless.js", "envs", "127.0.0.1:1", ...options, stranger],
      { env },
    );
    const { status, stderr } = await finish(closed);
    expect(status).toBe(1);
    expect(stderr).toContain("127.0.0.1:1 refuses connections.");
    const chinese = spawn(
      process.execPath,
      ["dist/headless.js", "envs", "127.0.0.1:1", ...options, stranger],
      {
        env: { ...env, LC_ALL: "zh_CN.UTF-8" },
      },
    );
    expect((await finish(chinese)).stderr).toContain("127.0.0.1:1 拒绝连接");
  });
});
