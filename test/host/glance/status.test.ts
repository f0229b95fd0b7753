import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { availableParallelism, hostname, tmpdir, totalmem, userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { askStatus, type StatusQuestion } from "../../../src/glance/askStatus.js";
import { readStatus } from "../../../src/glance/readStatus.js";
import statusScript from "../../../src/glance/status.sh";
import type { HostStatus } from "../../../src/glance/status.js";
import { callOf, runScript } from "../../../src/ssh/channel/script.js";
import { createTestClient, type TestClient } from "../../support/client.js";
import { shells, startLocalShell } from "../../support/localShell.js";
import { findProgram } from "../../support/packages.js";
import { processesNaming } from "../../support/processes.js";
import { type Sshd, startSshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

/*
 * The machine's own tools, over a real server. It has no GPU: the tools of GPUs are programs of the test, which answer as
 * the real ones do, or as no tool should.
 */

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const one of cleanUp.splice(0).reverse()) await one();
});

/** A folder with stand-ins for tools, by name: each is a POSIX script. */
async function tools(scripts: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "tools-"));
  cleanUp.push(() => rm(folder, { recursive: true }));
  for (const [name, script] of Object.entries(scripts)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, name), 0o755);
  }
  return folder;
}

const usualPath = "/usr/local/bin:/usr/bin:/bin";

async function host(scripts: Readonly<Record<string, string>> = {}, path = usualPath) {
  const folder = await tools(scripts);
  const server: Sshd = await startSshd({ path: `${folder}:${path}` });
  const client: TestClient = await createTestClient();
  cleanUp.push(
    () => server.stop(),
    () => client.dispose(),
  );
  const connection = await client.connectTo(server);
  const ask = (question: Partial<StatusQuestion> = {}): Promise<HostStatus> =>
    askStatus(connection, { roots: [], pids: [], ...question });
  return { ask, connection, server, folder };
}

/** Answers to both questions that nvidia-smi is asked. */
const smi = (gpus: string, processes = ""): string => `case $* in
*compute-apps*) cat <<'END'
${processes}
END
;; *) cat <<'END'
${gpus}
END
;; esac`;

const twoGpus = [
  "0, GPU-a, 93, 30000, 40960, 64, NVIDIA A100-SXM4-40GB",
  "1, GPU-b, 0, 4, 40960, 31, NVIDIA A100-SXM4-40GB",
].join("\n");

async function nothingIsLeft(folder: string): Promise<void> {
  await until("nothing is left", async () => (await processesNaming(folder)).length === 0, 30_000);
}

describe("the state of a host", () => {
  it("is told by the tools that are there", async () => {
    const { ask, server } = await host();
    const status = await ask({ roots: ["/", "/proc/no such folder", "/tmp"], pids: [process.pid] });
    expect(status).toMatchObject({ name: hostname(), system: "Linux", gpus: [], gpuTrouble: [], stuck: "" });
    expect(status.cores).toBeGreaterThanOrEqual(availableParallelism());
    expect(status.load?.every((one) => one >= 0)).toBe(true);
    expect(status.memory?.total).toBeLessThanOrEqual(totalmem());
    expect(status.memory?.available).toBeGreaterThan(0);
    const [root, missing, temporary] = status.disks;
    expect(root?.space?.total).toBeGreaterThan(1e9);
    expect(missing).toEqual({ space: undefined, isLate: false });
    expect(temporary?.space?.available).toBeGreaterThan(0);
    const own = status.processes.get(process.pid);
    expect(own).toMatchObject({ parent: process.ppid, user: userInfo().username });
    expect(Math.abs((own?.beganAt ?? 0) - (Date.now() / 1000 - process.uptime()))).toBeLessThan(10);
    expect(await server.commands()).toHaveLength(1);
  });

  it("tells GPUs, their use and whose processes are on them", async () => {
    const apps = `GPU-a, ${process.pid}, 29000, /usr/bin/python\nGPU-a, 4194300, 12, [Not Found]`;
    const { ask } = await host({ "nvidia-smi": smi(twoGpus, apps) });
    const { gpus } = await ask();
    expect(gpus).toEqual([
      expect.objectContaining({ index: "0", use: 93, temperature: 64, name: "NVIDIA A100-SXM4-40GB" }),
      expect.objectContaining({ index: "1", use: 0, processes: [] }),
    ]);
    expect(gpus[0]?.memory).toEqual({ used: 30_000 * 2 ** 20, total: 40_960 * 2 ** 20 });
    expect(gpus[0]?.processes).toMatchObject([
      { pid: process.pid, user: userInfo().username, memory: 29_000 * 2 ** 20 },
      { pid: 4_194_300, user: undefined },
    ]);
  });

  it("has AMD GPUs as well", async () => {
    const card = '{"GPU use (%)": "7", "VRAM Total Memory (B)": "100", "VRAM Total Used Memory (B)": "50"}';
    const pid = `"PID${process.pid}": "python3, 1, 4096, 0, 0"`;
    const { ask } = await host({
      "nvidia-smi": smi(twoGpus),
      "rocm-smi": `echo 'WARNING: no driver'; echo '{"card0": ${card}, "system": {${pid}}}'`,
    });
    const { gpus, otherGpuProcesses } = await ask();
    expect(gpus.map(({ use }) => use)).toEqual([93, 0, 7]);
    expect(otherGpuProcesses).toMatchObject([{ pid: process.pid, user: userInfo().username }]);
  });

  it("comes without GPUs where their tool hangs, with all that it has started gone", async () => {
    const { ask, folder } = await host({
      "nvidia-smi": `trap '' TERM\n"$(dirname "$0")/child" & echo begun; wait; sleep 600`,
      child: `trap '' TERM HUP; while :; do sleep 600; done`,
    });
    const began = performance.now();
    const status = await ask();
    expect(performance.now() - began).toBeLessThan(30_000);
    expect(status.gpuTrouble).toEqual([{ tool: "nvidia-smi", kind: "late", said: "" }]);
    expect(status).toMatchObject({ name: hostname(), stuck: "" });
    await nothingIsLeft(folder);
  });

  it("says why a tool tells of no GPU", async () => {
    const said = "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.";
    const { ask } = await host({ "nvidia-smi": `echo "${said}"; exit 9` });
    expect((await ask()).gpuTrouble).toEqual([{ tool: "nvidia-smi", kind: "failed", said }]);
  });

  it("does not start a tool again beside one that could not be ended", async () => {
    const { ask, folder } = await host({ "nvidia-smi": `echo started >>"$(dirname "$0")/log"; sleep 1` });
    // What hangs in the kernel cannot be made here: another process that lives stands for it.
    const status = await ask({ stuck: `nvidia=${process.pid}` });
    expect(status.stuck).toBe(`nvidia=${process.pid}`);
    expect(status.gpuTrouble).toEqual([{ tool: "nvidia-smi", kind: "late", said: "" }]);
    await expect(readFile(join(folder, "log"))).rejects.toThrow();
    await ask({ stuck: "nvidia=4194301" });
    expect(await readFile(join(folder, "log"), "utf8")).toContain("started");
  });

  it.each([
    ["endless", "exec yes '0, GPU-a, 93, 30000, 40960, 64, A100'"],
    ["any bytes", "exec head -c 1000000 /dev/urandom"],
    ["NULs and sentinels", "printf '0, G, 1, 1, 2, 3, \\0\\0end\\0ok\\0\\0\\033[2J\\n'; printf '%s' '<<>>'"],
    ["a line without an end", "exec tr '\\0' 9 </dev/zero"],
    ["a tool that leaves its output open", "sleep 30 & echo '0, GPU-a, 93, 30000, 40960, 64, A100'"],
  ])("stays small with a hostile output of a tool: %s", async (_name, script) => {
    const { ask, connection, folder } = await host({ "nvidia-smi": script, "rocm-smi": script });
    const status = await ask({ roots: ["/"] });
    expect(status.gpus.length).toBeLessThanOrEqual(128);
    expect(status.disks).toHaveLength(1);
    expect(status.name).toBe(hostname());
    await nothingIsLeft(folder);
    // The shell that it ran in goes on.
    expect((await runScript(connection, "main() { echo hello; }", [])).output.toString()).toBe("hello\n");
  });

  it("has no parts that its tools are missing for", async () => {
    const programs = ["sh", "head", "cat", "sed", "printf", "uname", "sleep", "od", "tr"];
    const bare = await mkdtemp(join(tmpdir(), "bare-"));
    cleanUp.push(() => rm(bare, { recursive: true }));
    for (const name of programs)
      await symlink(findProgram(name) ?? "", join(bare, name)).catch(() => undefined);
    const { connection } = await host();
    // The script adds the usual folders to what it is given; here there is nothing in them.
    const script = statusScript.replace(/^ {2}PATH=.*$/m, `  PATH='${bare}'`);
    expect(script).not.toBe(statusScript);
    const { output } = await runScript(connection, script, ["", "1", "/"]);
    const status = readStatus(output);
    expect(status).toMatchObject({
      name: hostname(),
      gpus: [],
      disks: [{ space: undefined, isLate: false }],
    });
    expect(status.memory).toBeDefined();
    expect(status.processes.size).toBe(0);
    expect(status.cores).toBeUndefined();
  });

  it("asks as a process of the lowest priority, and leaves nothing behind when the connection is cut", async () => {
    const { ask, server, folder } = await host({
      "nvidia-smi": `echo "$(ps -o ni= -p $$)" >"$(dirname "$0")/nice"; exec "$(dirname "$0")/child"`,
      child: "while :; do sleep 600; done",
    });
    const asking = ask().catch(() => undefined);
    await until(
      "it is asked",
      async () => (await readFile(join(folder, "nice"), "utf8").catch(() => "")) !== "",
    );
    expect(Number(await readFile(join(folder, "nice"), "utf8"))).toBe(19);
    await server.cutConnections();
    await asking;
    await nothingIsLeft(folder);
  });

  it.each(shells.map((shell) => [shell.join(" "), shell]))("is read under %s", async (_name, shell) => {
    const folder = await tools({ "nvidia-smi": smi(twoGpus, `GPU-b, ${process.pid}, 7, python`) });
    const input = Buffer.concat([
      Buffer.from(`PATH='${folder}':$PATH\n`),
      callOf(statusScript, ["", String(process.pid), "/"]),
      Buffer.from("\nexit\n"),
    ]);
    const local = startLocalShell(shell, input);
    const chunks: Buffer[] = [];
    local.process.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    await local.process.ended;
    const status = readStatus(Buffer.concat(chunks));
    expect(status.gpus.map(({ processes }) => processes.map(({ pid }) => pid))).toEqual([[], [process.pid]]);
    expect(status.processes.get(process.pid)?.parent).toBe(process.ppid);
    expect(status.disks[0]?.space).toBeDefined();
  });

  it.skipIf(!findProgram("busybox"))("is told by the tools of busybox alone", async () => {
    const folder = await tools({});
    const box = join(folder, "box");
    await mkdir(box);
    for (const name of ["sh", "ps", "df", "head", "sed", "cat", "uname", "date", "sleep", "tr", "grep"])
      await symlink(findProgram("busybox") ?? "", join(box, name));
    const script = statusScript.replace(/^ {2}PATH=.*$/m, `  PATH='${box}'`);
    const { connection } = await host();
    const { output } = await runScript(connection, script, ["", String(process.pid), "/"]);
    const status = readStatus(output);
    expect(status.cores).toBeGreaterThan(0);
    expect(status.disks[0]?.space).toBeDefined();
    expect(status.processes.get(process.pid)?.parent).toBe(process.ppid);
  });
});
