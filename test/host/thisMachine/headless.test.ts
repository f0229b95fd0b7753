import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect } from "vitest";
import { it } from "../../support/hostTest.js";
import { processesIn } from "../../support/processes.js";
import type { HostHome } from "../../support/runicorn/hostHome.js";
import { runicornVersions } from "../../support/runicorn/install.js";
import { until } from "../../support/until.js";

let host: HostHome;
it.beforeAll(({ trainHome }) => {
  host = trainHome;
});

/** No SSH server knows this home, and no ssh is on its PATH. */
function run(...args: string[]): ChildProcess {
  return spawn(process.execPath, [resolve("dist/headless.js"), ...args, "--data", join(host.home, "data")], {
    env: { PATH: "/usr/bin:/bin", HOME: host.home, RUNICORN_SSH_PATH: "/nonexistent" },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function outputOf(child: ChildProcess): Promise<string> {
  let text = "";
  child.stdout?.on("data", (chunk) => (text += String(chunk)));
  child.stderr?.on("data", (chunk) => (text += String(chunk)));
  await once(child, "close");
  return text;
}

it("The terminal program lists the environments of this machine without any ssh", async () => {
  expect(JSON.parse(await outputOf(run("envs", "--local", "--json")))).toMatchObject({
    storage_root: host.root,
    environments: [{ name: "train", runicorn_version: runicornVersions.newest }, {}, {}, {}],
  });
});

it("It opens a viewer on this machine, and leaves nothing when it is ended", async () => {
  const child = run("open", "--local", "--env", "train", "--json");
  const [line] = (await once(child.stdout ?? child, "data")) as [Buffer];
  const { url } = JSON.parse(line.toString()) as { url: string };
  expect((await fetch(new URL("/api/health", url))).status).toBe(200);
  child.kill("SIGTERM");
  expect(await once(child, "close")).toEqual([0, null]);
  await until("nothing is left", async () => (await processesIn(host.home)).length === 0);
});

it("A program that is killed leaves a viewer for its grace time, and nothing after it", async () => {
  const child = run("open", "--local", "--env", "train", "--json", "--grace", "3");
  await once(child.stdout ?? child, "data");
  child.kill("SIGKILL");
  await once(child, "close");
  await until("nothing is left", async () => (await processesIn(host.home)).length === 0);
});

it("What Ctrl-C cuts short prints nothing, says so by its status and leaves no Python that ignores it", async () => {
  const folder = join(host.home, "venvs", "deaf");
  await mkdir(join(folder, "bin"), { recursive: true });
  await writeFile(join(folder, "pyvenv.cfg"), "");
  const deaf = "#!/bin/sh\ntrap '' TERM HUP INT\nsleep 600\n";
  await writeFile(join(folder, "bin", "python"), deaf, { mode: 0o755 });
  const child = run("envs", "--local", "--json");
  await until("it is asked", async () =>
    (await processesIn(host.home)).some(({ commandLine }) => commandLine.startsWith("sleep")),
  );
  const output = outputOf(child);
  const ended = once(child, "close");
  child.kill("SIGINT");
  expect(await ended).toEqual([130, null]);
  expect(await output).toBe("");
  await until("nothing is left", async () => (await processesIn(host.home)).length === 0);
  await rm(folder, { recursive: true });
});
