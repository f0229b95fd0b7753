import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createEnvironments } from "../../../src/environments/environments.js";
import type { Connection } from "../../../src/ssh/model/connection.js";
import {
  createTestClient,
  credentialsOf,
  targetOf,
  type TestClient,
  trusting,
} from "../../support/client.js";
import { findProgram } from "../../support/packages.js";
import { makeEnvironment } from "../../support/runicorn/environments.js";
import { type HostHome, makeHostHome } from "../../support/runicorn/hostHome.js";
import { runicornVersions } from "../../support/runicorn/install.js";
import { type Sshd, type SshdOptions, startSshd } from "../../support/sshd.js";

let host: HostHome;
let client: TestClient;
const running: Sshd[] = [];
const folders: string[] = [];

beforeAll(async () => {
  host = await makeHostHome();
  client = await createTestClient();
});
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});
afterAll(async () => {
  await client.dispose();
  await host.dispose();
});

async function connect(options: SshdOptions): Promise<{ server: Sshd; connection: Connection }> {
  const server = await startSshd(options);
  running.push(server);
  const request = { target: targetOf(server), credentials: credentialsOf(server) };
  return { server, connection: await client.connections.connect(request, trusting) };
}

async function emptyHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), "home-"));
  folders.push(home);
  return home;
}

/** What `makeHostHome` made, as it should be found; the machine's own Pythons are left out. */
const expected = [
  { name: "train", kind: "venv", runicornVersion: runicornVersions.newest },
  { name: "vision/.venv", kind: "venv", runicornVersion: runicornVersions.oldest },
  { name: "plain", kind: "venv", runicornVersion: undefined },
];

async function found(connection: Connection, home: string) {
  const result = await createEnvironments().list(connection);
  const ours = result.environments.filter(({ prefix }) => prefix.startsWith(home));
  return { ...result, ours };
}

describe("the environments of a host", () => {
  it.each([
    ["sh", {}],
    ["bash with a start-up file that talks and fails", { shell: "/bin/bash" }],
    ["csh", { shell: "/bin/csh" }],
    ["fish", { shell: "/usr/bin/fish" }],
  ])("are found through %s", async (_name, options: SshdOptions) => {
    await writeFile(
      join(host.home, ".bashrc"),
      "echo Welcome; echo warning >&2; printf '\\326\\320\\n'; false; no-such-command\n",
    );
    await writeFile(join(host.home, ".cshrc"), "echo welcome\n");
    const { connection } = await connect({ home: host.home, ...options });
    const { ours, home, storageRoot, storageRootSource, complete } = await found(connection, host.home);
    expect(ours.map(({ name, kind, runicornVersion }) => ({ name, kind, runicornVersion }))).toEqual(
      expected,
    );
    expect(
      ours.every(({ pythonVersion, problem }) => /^3\.\d+\.\d+$/.test(pythonVersion ?? "") && !problem),
    ).toBe(true);
    expect({ home, storageRoot, storageRootSource, complete }).toEqual({
      home: host.home,
      storageRoot: host.root,
      storageRootSource: "user-configuration",
      complete: true,
    });
  });

  it.each([0, 3, 30])("take one exec when there are %i", async (count) => {
    const home = await emptyHome();
    await makeEnvironment(join(home, "first"));
    for (let n = 0; n < count; n += 1) {
      const prefix = join(home, "envs", `e${n}`);
      await mkdir(join(prefix, "bin"), { recursive: true });
      await symlink("/usr/bin/env", join(prefix, "bin", "python"));
      await writeFile(join(prefix, "pyvenv.cfg"), `version = 3.11.${n}\n`);
    }
    if (count === 0) await rm(join(home, "first"), { recursive: true });
    const { server, connection } = await connect({ home });
    const { ours } = await found(connection, home);
    expect(ours).toHaveLength(count === 0 ? 0 : count + 1);
    expect(await server.commands()).toEqual(["exec /bin/sh -s"]);
  });

  it("keep names of any bytes, and nothing in them runs", async () => {
    const home = await emptyHome();
    const names = [
      "$(touch canary)",
      "`touch canary`",
      "'; touch canary #",
      "-rf",
      "a b",
      "line\nbreak",
      "训练",
      "\\n",
    ];
    for (const name of names) {
      const bin = join(home, name, "bin");
      await mkdir(bin, { recursive: true });
      await symlink("/usr/bin/env", join(bin, "python"));
      await writeFile(join(home, name, "pyvenv.cfg"), "version = 3.11.1\n");
    }
    const gbk = Buffer.concat([Buffer.from(`${home}/`), Buffer.from([0xd6, 0xd0])]);
    await mkdir(Buffer.concat([gbk, Buffer.from("/bin")]), { recursive: true });
    await symlink("/usr/bin/env", Buffer.concat([gbk, Buffer.from("/bin/python")]));
    await writeFile(Buffer.concat([gbk, Buffer.from("/pyvenv.cfg")]), "version = 3.11.1\n");
    const { connection } = await connect({ home });
    const { ours } = await found(connection, home);
    expect(ours.map(({ prefix }) => prefix.slice(home.length + 1)).sort()).toEqual(
      [...names, "\udcd6\udcd0"].sort(),
    );
    expect((await connection.exec("ls")).stdout.toString()).not.toMatch(/^canary$/m);
  });

  it("show a broken one with what is wrong with it", async () => {
    const home = await emptyHome();
    await mkdir(join(home, "broken", "bin"), { recursive: true });
    await symlink("/nowhere/python3", join(home, "broken", "bin", "python"));
    await writeFile(join(home, "broken", "pyvenv.cfg"), "version = 3.9.1\n");
    const { connection } = await connect({ home });
    const { ours } = await found(connection, home);
    expect(ours).toMatchObject([
      { name: "broken", pythonVersion: "3.9.1", problem: expect.stringMatching(/nowhere/) as string },
    ]);
  });

  it.skipIf(!findProgram("cc"))(
    "show those whose Python lacks a library, which it is asked for once (needs a C compiler)",
    async () => {
      const home = await emptyHome();
      const bin = join(home, "opt", "bin");
      await mkdir(bin, { recursive: true });
      const library = join(home, "libpython3.8.so.1.0");
      const source = join(home, "empty.c");
      await writeFile(source, "int runs(void) { return 0; }\n");
      execFileSync("cc", ["-shared", "-Wl,-soname,libpython3.8.so.1.0", "-o", library, source]);
      await writeFile(source, "int runs(void); int main(void) { return runs(); }\n");
      const python = join(bin, "python3.8");
      execFileSync("cc", ["-o", python, source, library]);
      await rm(library);
      for (const name of ["one", "two"]) {
        const prefix = join(home, ".virtualenvs", name);
        await mkdir(join(prefix, "bin"), { recursive: true });
        await symlink(python, join(prefix, "bin", "python"));
        await writeFile(join(prefix, "pyvenv.cfg"), `home = ${bin}\nversion = 3.8.20\n`);
      }
      const { connection } = await connect({ home });
      const problem = expect.stringContaining(
        "libpython3.8.so.1.0: cannot open shared object file",
      ) as string;
      expect((await found(connection, join(home, ".virtualenvs"))).ours).toMatchObject([
        { name: "one", pythonVersion: "3.8.20", problem },
        { name: "two", pythonVersion: "3.8.20", problem },
      ]);
    },
  );

  it("find a conda layout without running conda", async () => {
    const home = await emptyHome();
    for (const [prefix, version] of [
      ["miniconda3", "3.12.4"],
      ["miniconda3/envs/train", "3.10.9"],
    ] as const) {
      await mkdir(join(home, prefix, "conda-meta"), { recursive: true });
      await mkdir(join(home, prefix, "bin"), { recursive: true });
      await symlink("/usr/bin/env", join(home, prefix, "bin", "python"));
      await writeFile(join(home, prefix, "conda-meta", `python-${version}-h955ad1f_0.json`), "{}");
    }
    await mkdir(join(home, "miniconda3/envs/train/lib/python3.10/site-packages/runicorn-0.6.0.dist-info"), {
      recursive: true,
    });
    const { connection } = await connect({ home });
    const { ours } = await found(connection, home);
    expect(
      ours.map(({ name, kind, pythonVersion, runicornVersion }) => [
        name,
        kind,
        pythonVersion,
        runicornVersion,
      ]),
    ).toEqual([
      ["train", "conda", "3.10.9", "0.6.0"],
      ["base", "conda", "3.12.4", undefined],
    ]);
  });

  it("find what uv, pixi and micromamba keep, and what stands beside the storage root", async () => {
    const home = await emptyHome();
    const outside = await emptyHome();
    const virtual = async (prefix: string, ...lines: string[]): Promise<void> => {
      await mkdir(join(prefix, "bin"), { recursive: true });
      await symlink("/usr/bin/env", join(prefix, "bin", "python"));
      await writeFile(join(prefix, "pyvenv.cfg"), ["version = 3.11.2", ...lines, ""].join("\n"));
    };
    const conda = async (prefix: string): Promise<void> => {
      await mkdir(join(prefix, "conda-meta"), { recursive: true });
      await mkdir(join(prefix, "bin"));
      await symlink("/usr/bin/env", join(prefix, "bin", "python"));
      await writeFile(join(prefix, "conda-meta", "python-3.12.4-h955ad1f_0.json"), "{}");
    };
    await virtual(join(home, ".local/share/uv/tools/runicorn"), "uv = 0.4.1");
    await conda(join(home, ".pixi/envs/global"));
    await conda(join(home, "project/.pixi/envs/default"));
    await conda(join(home, ".local/share/mamba/envs/mamba"));
    await virtual(join(outside, "project", ".venv"));
    await mkdir(join(home, ".config", "runicorn"), { recursive: true });
    const configuration = JSON.stringify(
      { other: 1, user_root_dir: join(outside, "project", "runs") },
      null,
      2,
    );
    await writeFile(join(home, ".config", "runicorn", "config.json"), configuration);
    const { connection } = await connect({ home });
    const { environments } = await createEnvironments().list(connection);
    const ours = environments.filter(({ prefix }) => prefix.startsWith(home) || prefix.startsWith(outside));
    expect(ours.map(({ name, kind }) => [name, kind])).toEqual([
      ["mamba", "conda"],
      ["project/.venv", "venv"],
      ["runicorn", "uv"],
      ["default", "pixi"],
      ["global", "pixi"],
    ]);
  });

  it("are looked at one by one by the path of their Python, wherever they are", async () => {
    const { connection } = await connect({ home: host.home });
    const environments = createEnvironments();
    const python = join(host.home, "venvs", "train", "bin", "python");
    expect(await environments.at(connection, python)).toMatchObject({
      python,
      kind: "custom",
      prefix: join(host.home, "venvs", "train"),
      runicornVersion: runicornVersions.newest,
      pythonVersion: expect.stringMatching(/^3\.\d+\.\d+$/) as string,
      problem: undefined,
    });
    expect(await environments.at(connection, "~/venvs/train/bin/python")).toMatchObject({ python });
    for (const [path, problem] of [
      ["/nowhere/python", /no such file/],
      ["/etc/passwd", /not a program/],
      ["/bin", /not a program/],
      ["/bin/true", /does not behave like Python/],
      ["/bin/false; touch canary", /no such file/],
    ] as const) {
      expect((await environments.at(connection, path)).problem).toMatch(problem);
    }
  });

  it("are shown as far as they were found when the time is up", async () => {
    const home = await emptyHome();
    await makeEnvironment(join(home, ".venv"), runicornVersions.newest);
    await mkdir(join(home, "slow", "bin"), { recursive: true });
    await writeFile(join(home, "slow", "pyvenv.cfg"), "");
    // No version on disk, and a Python that does not answer: as on a network disk that hangs.
    await writeFile(join(home, "slow", "bin", "python"), "#!/bin/sh\nexec sleep 1000\n", { mode: 0o755 });
    const { connection } = await connect({ home });
    const started = Date.now();
    const result = await createEnvironments({ probeLimit: 2_000 }).list(connection);
    expect(Date.now() - started).toBeLessThan(10_000);
    expect(result.complete).toBe(false);
    expect(result.environments.filter(({ prefix }) => prefix.startsWith(home))).toMatchObject([
      { runicornVersion: runicornVersions.newest },
    ]);
  });

  it("are found within a few seconds when there are two hundred", async () => {
    const home = await emptyHome();
    for (let number = 0; number < 200; number += 1) {
      const prefix = join(home, number % 2 ? "envs" : "miniconda3/envs", `e${number}`);
      await mkdir(join(prefix, "bin"), { recursive: true });
      await symlink("/usr/bin/env", join(prefix, "bin", "python"));
      if (number % 2) await writeFile(join(prefix, "pyvenv.cfg"), `version = 3.11.${number}\n`);
      else await mkdir(join(prefix, "conda-meta"));
      if (number % 2 === 0) await writeFile(join(prefix, "conda-meta", "python-3.12.4-h_0.json"), "{}");
      await mkdir(join(prefix, "lib/python3.11/site-packages", `runicorn-0.7.${number}.dist-info`), {
        recursive: true,
      });
    }
    const { connection } = await connect({ home });
    const started = Date.now();
    const { ours, complete } = await found(connection, home);
    expect(ours).toHaveLength(200);
    expect(ours.every(({ runicornVersion, pythonVersion }) => runicornVersion && pythonVersion)).toBe(true);
    expect(complete).toBe(true);
    expect(Date.now() - started).toBeLessThan(10_000);
  });

  it("cannot be listed where a start-up file ends the shell, and that is said", async () => {
    const home = await emptyHome();
    await writeFile(join(home, ".bashrc"), "echo not today; exit 3\n");
    const { connection } = await connect({ home, shell: "/bin/bash" });
    await expect(createEnvironments().list(connection)).rejects.toMatchObject({
      detail: { code: "script-did-not-run", host: "127.0.0.1", output: "not today" },
    });
  });

  it("are asked for once by two callers, and again on refresh", async () => {
    const { server, connection } = await connect({ home: await emptyHome() });
    const environments = createEnvironments();
    const [first, second] = await Promise.all([environments.list(connection), environments.list(connection)]);
    expect(second).toBe(first);
    expect(await server.commands()).toHaveLength(1);
    await environments.list(connection, { refresh: true });
    expect(await server.commands()).toHaveLength(2);
  });
});
