import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { savedIdOf } from "../../../src/savedConnectionId.js";
import { formatTarget } from "../../../src/ssh/model/target.js";
import { targetOf } from "../../support/client.js";
import { finish } from "../../support/finish.js";
import { processesIn } from "../../support/processes.js";
import { runicornVersions } from "../../support/runicorn/install.js";
import { makeModulePython, type ModulePython, noModulePython } from "../../support/runicorn/modulePython.js";
import { type Sshd, startSshd } from "../../support/sshd.js";
import { until } from "../../support/until.js";

describe.skipIf(noModulePython)(`lines to run before, in a terminal (${noModulePython ?? "here"})`, () => {
  let home: string;
  let server: Sshd;
  let data: string;
  let module: ModulePython;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "before-"));
    data = await mkdtemp(join(tmpdir(), "data-"));
    module = await makeModulePython(home, runicornVersions.newest);
    server = await startSshd({ home, shell: "/bin/bash" });
  });
  afterAll(async () => {
    await server.stop();
    for (const folder of [home, data]) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  const run = (...args: string[]): ChildProcess =>
    spawn(
      process.execPath,
      [
        "dist/headless.js",
        ...["--identity", server.identityFile, "--data", data],
        ...["--accept-host-key", server.hostKey.fingerprint, ...args],
      ],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
  const at = () => formatTarget(targetOf(server));
  const problemOf = ({ stdout }: { readonly stdout: string }): unknown => {
    const { environments } = JSON.parse(stdout) as { environments: { python: string; problem: unknown }[] };
    return environments.find(({ python }) => python === module.python)?.problem;
  };

  it("are advised where a Python lacks a library, given on the command line, and kept with a connection", async () => {
    expect(problemOf(await finish(run("envs", at(), "--json")))).toMatch(/loading shared libraries/);
    expect((await finish(run("envs", at()))).stdout).toContain("enter lines to run before");
    const given = await finish(run("envs", at(), "--json", "--before", "true", "--before", module.line));
    expect(problemOf(given)).toBeNull();

    const failed = await finish(run("envs", at(), "--before", "export A='s3cret (b"));
    expect(failed).toMatchObject({ status: 1, stdout: "" });
    expect(failed.stderr).toContain("Line 1 of the lines to run before failed");
    expect(failed.stderr).not.toContain("s3cret");

    const target = targetOf(server);
    const kept = { id: savedIdOf(target), name: "gpu", target, lines: `# for Python\n${module.line}\n` };
    await writeFile(join(data, "connections.json"), JSON.stringify([kept]), { mode: 0o600 });
    expect(problemOf(await finish(run("envs", at(), "--json")))).toBeNull();
  });

  it("run before a viewer", async () => {
    const words = ["--env", module.python, "--root", home, "--before", module.line];
    const child = run("open", at(), ...words, "--json");
    const [first] = (await once(child.stdout ?? expect.fail("no output"), "data")) as [Buffer];
    expect(JSON.parse(first.toString())).toMatchObject({
      python: module.python,
      runicorn_version: runicornVersions.newest,
    });
    child.kill("SIGINT");
    await once(child, "close");
    await until("nothing is left", async () => (await processesIn(home)).length === 0);
  });
});
