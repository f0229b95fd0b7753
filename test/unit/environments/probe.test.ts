import { execFile } from "node:child_process";
import { chown, cp, mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { chooseEnvironment } from "../../../src/environments/chooseEnvironment.js";
import { evidentEnvironment } from "../../../src/environments/evident.js";
import probeScript from "../../../src/environments/probe.sh";
import { readProbe } from "../../../src/environments/probeOutput.js";
import { assemble } from "../../../src/ssh/channel/script.js";

const nobody = 65_534;

/** Only root can make what is another account's. */
describe.skipIf(process.getuid?.() !== 0)("an environment in a shared place", () => {
  let folder: string;
  let shared: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "beside-root-"));
    shared = join(folder, "shared");
    await mkdir(join(folder, "home"));
    await mkdir(join(shared, "runs"), { recursive: true });
    const bin = join(shared, ".venv", "bin");
    await mkdir(bin, { recursive: true });
    await writeFile(join(bin, "python"), `#!/bin/sh\n: >'${folder}/ran'\necho 3.11.2\n`, { mode: 0o755 });
    await mkdir(join(shared, ".venv/lib/python3.11/site-packages/runicorn-0.7.0.dist-info"), {
      recursive: true,
    });
  });
  afterEach(() => rm(folder, { recursive: true }));

  const found = async (below = shared) => {
    const env = { PATH: "/usr/bin:/bin", HOME: join(folder, "home"), RUNICORN_DIR: join(shared, "runs") };
    const running = promisify(execFile)("/bin/sh", ["-s"], { env, encoding: "buffer" });
    running.child.stdin?.end(assemble(probeScript, [], "nonce"));
    const { stdout } = await running;
    const all = readProbe(stdout.subarray(stdout.indexOf("<<nonce\n") + 8), 0);
    const environments = all.environments.filter(({ prefix }) => prefix.startsWith(below));
    return { ...all, environments, complete: true };
  };

  it.each(["version = 3.11.2\nhome = /usr/bin\n", "home = /usr/bin\n"])(
    "of another account is listed, and not run before the user chooses it: %j",
    async (cfg) => {
      await writeFile(join(shared, ".venv", "pyvenv.cfg"), cfg);
      await chown(join(shared, ".venv"), nobody, nobody);
      const host = await found();
      expect(await readdir(folder)).not.toContain("ran");
      expect(host.environments).toMatchObject([
        { runicornVersion: "0.7.0", problem: undefined, isOthers: true },
      ]);
      expect(evidentEnvironment(host)).toBeUndefined();
      expect(() => chooseEnvironment(host, undefined, "host")).toThrow();
    },
  );

  it("is not run through a link in the home folder, or in a folder of root's", async () => {
    await writeFile(join(shared, ".venv", "pyvenv.cfg"), "home = /usr/bin\n");
    await rename(join(shared, ".venv"), join(shared, "disk"));
    await symlink(join(shared, "disk"), join(folder, "home", "data"));
    await chown(join(shared, "disk", "bin"), nobody, nobody);
    const { environments } = await found();
    expect(await readdir(folder)).not.toContain("ran");
    expect(environments).toMatchObject([{ prefix: join(shared, "disk"), isOthers: true }]);
  });

  it("in another account's Conda is run only if it belongs to the same account", async () => {
    const conda = join(folder, "home", "miniconda3");
    for (const name of ["theirs", "planted"]) {
      await cp(join(shared, ".venv"), join(conda, "envs", name), { recursive: true });
      await mkdir(join(conda, "envs", name, "conda-meta"));
      for (const part of [".", "bin"])
        await chown(join(conda, "envs", name, part), name === "theirs" ? nobody : 65_533, nobody);
    }
    await chown(conda, nobody, nobody);
    const { environments } = await found(conda);
    expect(environments.map(({ name, isOthers = false }) => [name, isOthers]).sort()).toEqual([
      ["planted", true],
      ["theirs", false],
    ]);
  });

  it("is used without asking if it is ours", async () => {
    await writeFile(join(shared, ".venv", "pyvenv.cfg"), "version = 3.11.2\nhome = /usr/bin\n");
    const host = await found();
    expect(host.environments).toHaveLength(1);
    expect(evidentEnvironment(host)).toEqual(host.environments[0]);
    expect(host.environments[0]).not.toHaveProperty("isOthers");
  });
});
