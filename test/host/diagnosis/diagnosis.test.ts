import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { silentLogger } from "../../../src/common/logger.js";
import { createDiagnosis } from "../../../src/diagnosis/diagnosis.js";
import type { DiagnosisReport, StepId } from "../../../src/diagnosis/report.js";
import { diagnosisText } from "../../../src/messages/describeDiagnosis.js";
import { createSshProgram } from "../../../src/ssh/config/sshProgram.js";
import { createConnections } from "../../../src/ssh/connections.js";
import { createKnownHosts } from "../../../src/ssh/hostKeys/knownHosts.js";
import type { ConnectRequest } from "../../../src/ssh/model/connectRequest.js";
import { type BrokenServer, startBrokenServer } from "../../support/brokenAccounts.js";
import { credentialsOf, targetOf, trusting } from "../../support/client.js";
import { noOtherAccount } from "../../support/otherAccount.js";
import { freePort } from "../../support/ports.js";
import { processesIn, type RunningProcess } from "../../support/processes.js";
import { makeHostHome } from "../../support/runicorn/hostHome.js";
import { until } from "../../support/until.js";
import { makeKey, type Sshd, type SshdOptions, startSshd } from "../../support/sshd.js";
import { mountDisk, unmount } from "../../support/files/mount.js";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function temporary(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "diagnosis-"));
  ends.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function listening(server: Server): Promise<number> {
  ends.push(() => server.close());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function sshd(options: SshdOptions = {}): Promise<Sshd> {
  const server = await startSshd(options);
  ends.push(() => server.stop());
  return server;
}

/** What start-up files of the account are read before each command. */
async function withStartUpFile(text: string, options: SshdOptions = {}): Promise<Sshd> {
  const server = await sshd(options);
  await writeFile(join(server.folder, "shell-home", ".bashrc"), text);
  return server;
}

const at = (port: number): ConnectRequest => ({ target: { host: "127.0.0.1", port, user: "ada" } });
const to = (server: Sshd): ConnectRequest => ({
  target: targetOf(server),
  credentials: credentialsOf(server),
});

async function diagnose(
  request: ConnectRequest,
  prepare: (knownHosts: ReturnType<typeof createKnownHosts>) => Promise<unknown> = () => Promise.resolve(),
): Promise<DiagnosisReport> {
  const home = await temporary();
  const knownHosts = createKnownHosts({ file: join(home, "known_hosts"), foreignFiles: [] });
  await prepare(knownHosts);
  const program = createSshProgram({ home, environment: { PATH: process.env["PATH"] } });
  const diagnosis = createDiagnosis({
    program,
    createConnections: () => createConnections({ program, knownHosts, logger: silentLogger }),
    logger: silentLogger,
  });
  const { signal } = new AbortController();
  return diagnosis.diagnose(request, trusting, { signal });
}

/** The cause is that step, and the first line of the text names it. */
function expectCause(report: DiagnosisReport, id: StepId, first: RegExp): void {
  const text = diagnosisText(report);
  const [line = ""] = text.split("\n");
  expect(line, text).toMatch(first);
  expect(report.cause?.id, text).toBe(id);
  const failed = report.steps.findIndex((step) => step.id === id);
  expect(report.steps.slice(0, failed).filter(({ state }) => state === "failed")).toEqual([]);
}

describe("the cause of trouble is in the first line", () => {
  it("for a port where nothing listens", async () => {
    const report = await diagnose(at(await freePort()));
    expectCause(report, "tcp", /refuses connections/);
    expect(report.steps.slice(2).every(({ state }) => state === "skipped")).toBe(true);
  });

  it("for a server that takes connections and says nothing", async () => {
    const port = await listening(createServer(() => undefined));
    expectCause(await diagnose(at(port)), "banner", /does not answer/);
  });

  it("for a web server", async () => {
    const port = await listening(createHttpServer((_request, response) => response.end("hello")));
    expectCause(await diagnose(at(port)), "banner", /is no SSH server: it says HTTP\/1.1 400 Bad Request/);
  });

  it("for a server without a common key exchange", async () => {
    const server = await sshd({ config: ["KexAlgorithms diffie-hellman-group1-sha1"] });
    expectCause(await diagnose(to(server)), "key-exchange", /Key exchange: .*key exchange/);
  });

  it("for a host whose key has changed", async () => {
    const server = await sshd();
    const folder = await temporary();
    makeKey(join(folder, "other"), "ed25519", "");
    const other = await sshd();
    const report = await diagnose(to(server), (known) =>
      known.add(`[127.0.0.1]:${server.port}`, other.hostKey),
    );
    expectCause(report, "host-key", /key of .* has changed/i);
  });

  it("for a server that takes none of the keys", async () => {
    const [server, other] = [await sshd(), await sshd()];
    const report = await diagnose({
      target: targetOf(server),
      credentials: { ...credentialsOf(other), onlyGiven: true },
    });
    expectCause(report, "login", /Authentication failed: .* rejected user/);
  });

  it.skipIf(noOtherAccount !== undefined)("for a password that has expired", async () => {
    const broken: BrokenServer = await startBrokenServer([{ name: "expired", expired: true }]);
    ends.push(() => broken.dispose());
    const { server } = broken;
    const target = { ...targetOf(server), user: broken.users.get("expired") ?? "" };
    const report = await diagnose({ target, credentials: credentialsOf(server) });
    expectCause(report, "shell", /password .* has expired/i);
  });

  it("for start-up files that print", async () => {
    const { home, dispose } = await makeHostHome();
    ends.push(dispose);
    const server = await withStartUpFile("echo Welcome to the cluster\n", { home });
    const report = await diagnose(to(server));
    expectCause(report, "shell", /start-up files of .* print something: Welcome to the cluster/);
    expect(report.cause?.state).toBe("warned");
  });

  it("for a start-up file that becomes another program", async () => {
    const server = await withStartUpFile("exec python3\n");
    expectCause(await diagnose(to(server)), "shell", /SyntaxError/);
  });

  it("for a server that forbids forwarding", async () => {
    const { home, dispose } = await makeHostHome();
    ends.push(dispose);
    const server = await sshd({ home, config: ["AllowTcpForwarding no"] });
    expectCause(await diagnose(to(server)), "forwarding", /does not allow port forwarding/);
  });

  it("for a server without SFTP", async () => {
    expectCause(await diagnose(to(await sshd({ sftp: false }))), "sftp", /SFTP/);
  });

  it.skipIf(process.getuid?.() !== 0)("for a disk that is full (needs root, to mount one)", async () => {
    const home = await temporary();
    const cache = join(home, ".cache");
    await mkdir(cache);
    mountDisk("size=4k", cache);
    ends.push(() => unmount(cache));
    await writeFile(join(cache, "all"), Buffer.alloc(4096));
    const server = await sshd({ home });
    expectCause(await diagnose(to(server)), "disk", /Nothing can be written in .*\.cache .*No space left/);
    expect(execFileSync("ls", ["-A", cache], { encoding: "utf8" })).toBe("all\n");
  });

  it.skipIf(process.getuid?.() !== 0)(
    "for a host without Python (needs root, to hide this one's)",
    async () => {
      const shell = join(await temporary(), "shell");
      const hide =
        "for python in /usr/bin/python3* /usr/local/bin/python3*; do mount --bind /dev/null $python; done";
      const script = `#!/bin/sh\nexec unshare -m sh -c '${hide} 2>/dev/null; exec /bin/sh "$@"' - "$@"\n`;
      await writeFile(shell, script, { mode: 0o755 });
      expectCause(await diagnose(to(await sshd({ shell }))), "python", /No Python was found/);
    },
  );

  it("for a host whose environments lack Runicorn", async () => {
    const server = await sshd();
    expectCause(
      await diagnose(to(server)),
      "runicorn",
      /None of the \d+ Python environments .* has Runicorn/,
    );
  });
});

it("a host that prints without end behind each command is looked at to the end, and nothing goes on there", async () => {
  const { home, dispose } = await makeHostHome();
  ends.push(dispose);
  const forced = join(home, "forced");
  const script = ["#!/bin/sh", `export HOME=${home}`, 'sh -c "$SSH_ORIGINAL_COMMAND"', "exec yes tail"];
  await writeFile(forced, script.join("\n"), { mode: 0o755 });
  const server = await sshd({ home, plain: true, config: [`ForceCommand ${forced}`] });
  const report = await diagnose(to(server));
  expect(report.steps.filter(({ state }) => state === "skipped")).toEqual([]);
  expect(report.steps.find(({ id }) => id === "sessions")).toMatchObject({ state: "passed", found: "4+" });
  const isEndless = ({ commandLine }: RunningProcess): boolean => commandLine === "yes tail";
  await until("nothing prints any more", async () => !(await processesIn(home)).some(isEndless));
}, 90_000);

it("a host that is well passes every step, each with its time, and no secret is in the report", async () => {
  const { home, dispose } = await makeHostHome();
  ends.push(dispose);
  const server = await sshd({ home });
  const report = await diagnose(to(server));
  const text = diagnosisText(report);
  expect(text.split("\n")[0]).toMatch(/can be used: every step passed/);
  expect(report.steps.filter(({ state }) => state !== "passed")).toEqual([]);
  expect(text).toMatch(/✓ SSH server {2}\d+ ms {2}SSH-2\.0-OpenSSH/);
  expect(text).toMatch(/✓ Runicorn {2}\d+ ms {2}.*\d+\.\d+/);
  expect(text).not.toContain(server.identityFile);
});
