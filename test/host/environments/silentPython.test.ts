import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import script from "../../../src/environments/probe.sh";
import { readProbe } from "../../../src/environments/probeOutput.js";
import { shells } from "../../support/localShell.js";
import { findProgram } from "../../support/packages.js";
import { processesIn } from "../../support/processes.js";

/** Pythons that say nothing and do not end when they are asked to, under every shell and with every kind of `timeout`. */

const run = promisify(execFile);
let folder: string;
let home: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "silent-"));
  home = join(folder, "home");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function makePython(name: string, ...lines: string[]): Promise<void> {
  const bin = join(home, "venvs", name, "bin");
  await mkdir(bin, { recursive: true });
  await writeFile(join(home, "venvs", name, "pyvenv.cfg"), "");
  await writeFile(join(bin, "python"), ["#!/bin/sh", ...lines, ""].join("\n"), { mode: 0o755 });
}

/** A folder for PATH with what the script calls, and with this `timeout` or none. */
async function programs(name: string, timeout?: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(path);
  for (const one of ["sh", "true", "sleep", "uname", "sed", "head", "tr", "readlink"])
    await symlink(findProgram(one) ?? one, join(path, one));
  if (timeout === undefined) return path;
  await writeFile(join(path, "timeout"), `#!/bin/sh\n${timeout}\n`);
  await chmod(join(path, "timeout"), 0o755);
  return path;
}

async function versions([program = "", ...options]: readonly string[], path: string) {
  const { stdout } = await run(findProgram(program) ?? program, [...options, "-c", `${script}\nmain`], {
    env: { PATH: path, HOME: home },
    encoding: "buffer",
  });
  const { environments, complete } = readProbe(stdout, 0);
  const ours = environments.filter(({ prefix }) => prefix.startsWith(home));
  return { complete, found: ours.map(({ pythonVersion, problem }) => pythonVersion ?? problem) };
}

describe.each(shells)("under %s", (...shell) => {
  it("are killed when they ignore the signal, and nothing of them is left", async () => {
    await makePython("deaf", "trap '' TERM HUP INT", "sleep 600", "sleep 600");
    await makePython("sound", "echo 3.12.1");
    const started = Date.now();
    const result = await versions(shell, process.env["PATH"] ?? "");
    expect(result).toEqual({ complete: true, found: [undefined, "3.12.1"] });
    expect(Date.now() - started).toBeLessThan(15_000);
    expect(await processesIn(home)).toEqual([]);
    await rm(home, { recursive: true });
  }, 30_000);

  it("are no reason to think worse of others where timeout cannot kill, or is not there", async () => {
    await makePython("sound", "echo 3.12.1");
    const real = findProgram("timeout") ?? "timeout";
    const old = `[ "$1" != -k ] || { echo "timeout: invalid option -- 'k'" >&2; exit 1; }\nexec ${real} "$@"`;
    for (const [name, timeout] of [["old", old], ["older", "exit 125"], ["none"]] as const) {
      const path = await programs(`${shell.join("-")}-${name}`, timeout);
      expect(await versions(shell, path), name).toEqual({ complete: true, found: ["3.12.1"] });
    }
    await rm(home, { recursive: true });
  });
});
