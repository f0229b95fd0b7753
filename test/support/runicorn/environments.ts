import { execFileSync } from "node:child_process";
import { copyFile, mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ensureRunicorn } from "./install.js";
import { basePython } from "./python.js";

/** What made a virtual environment: each writes its own pyvenv.cfg. */
export type VenvMaker = "venv" | "virtualenv" | "uv";

/**
 * Makes a virtual environment in `folder` in a moment: its own interpreter and configuration, and Runicorn of that
 * version linked in from the cache, distribution metadata included. Without a version it has no packages.
 */
export async function makeEnvironment(
  folder: string,
  version?: string,
  maker: VenvMaker = "venv",
): Promise<void> {
  const { executable, library } = basePython();
  execFileSync(executable, ["-m", "venv", "--without-pip", folder], { stdio: "pipe" });
  if (maker !== "venv") await writeFile(join(folder, "pyvenv.cfg"), configurations[maker]());
  await linkRunicorn(join(folder, "lib", library, "site-packages"), version);
}

const configurations = {
  virtualenv: () => `home = ${dirname(basePython().executable)}
implementation = CPython
version_info = ${basePython().version}.final.0
virtualenv = 20.26.6
include-system-site-packages = false
base-executable = ${basePython().executable}
`,
  uv: () => `home = ${dirname(basePython().executable)}
implementation = CPython
uv = 0.9.8
version_info = ${basePython().version}
include-system-site-packages = false
`,
};

/** Links the packages in from the cache; no version, no packages. */
export async function linkRunicorn(sitePackages: string, version: string | undefined): Promise<void> {
  await mkdir(sitePackages, { recursive: true });
  if (version === undefined) return;
  const installed = await ensureRunicorn(version);
  for (const entry of await readdir(installed)) {
    if (!entry.startsWith("pip")) await symlink(join(installed, entry), join(sitePackages, entry));
  }
}

/**
 * A whole Python in `prefix`, as conda and pyenv lay it out: a real interpreter whose `sys.prefix` this folder is, with
 * the standard library linked in.
 */
async function makeStandalonePython(prefix: string, version?: string): Promise<void> {
  const { executable, library, stdlib } = basePython();
  const bin = join(prefix, "bin");
  const own = join(prefix, "lib", library);
  await mkdir(bin, { recursive: true });
  await copyFile(executable, join(bin, library));
  await symlink(library, join(bin, "python3"));
  await symlink("python3", join(bin, "python"));
  await mkdir(own, { recursive: true });
  for (const entry of await readdir(stdlib)) {
    if (!replaced.has(entry)) await symlink(join(stdlib, entry), join(own, entry));
  }
  // Debian's Python looks into dist-packages only.
  await writeFile(
    join(own, "sitecustomize.py"),
    `import site\nsite.addsitedir(${JSON.stringify(join(own, "site-packages"))})\n`,
  );
  await linkRunicorn(join(own, "site-packages"), version);
}

const replaced = new Set(["site-packages", "dist-packages", "sitecustomize.py", "EXTERNALLY-MANAGED"]);

/** A conda environment: a whole Python and the record of its package. */
async function makeCondaEnvironment(prefix: string, version?: string): Promise<void> {
  await makeStandalonePython(prefix, version);
  const meta = join(prefix, "conda-meta");
  await mkdir(meta);
  const python = basePython().version;
  const name = `python-${python}-h955ad1f_0`;
  await writeFile(join(meta, `${name}.json`), JSON.stringify({ name: "python", version: python }));
  // Others whose names begin alike.
  await writeFile(join(meta, "python-dateutil-2.9.0-py311_0.json"), "{}");
  await writeFile(join(meta, "python_abi-3.11-2_cp311.json"), "{}");
  await writeFile(join(meta, "history"), "");
}

/** A Miniconda in `root` with named environments, registered in `home` as conda does; values are Runicorn versions. */
export async function makeConda(
  home: string,
  root: string,
  environments: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  await makeCondaEnvironment(root);
  await mkdir(join(root, "condabin"));
  await mkdir(join(root, "envs"));
  await writeFile(join(root, "condabin", "conda"), "#!/bin/sh\necho 'conda must not run' >&2\nexit 1\n", {
    mode: 0o755,
  });
  const prefixes = [root];
  for (const [name, version] of Object.entries(environments)) {
    const prefix = join(root, "envs", name);
    await makeCondaEnvironment(prefix, version);
    prefixes.push(prefix);
  }
  await mkdir(join(home, ".conda"), { recursive: true });
  await writeFile(join(home, ".conda", "environments.txt"), `${prefixes.join("\n")}\n`, { flag: "a" });
}

/** A virtual environment whose Python was removed from the machine. */
export async function makeBrokenEnvironment(folder: string): Promise<void> {
  await makeEnvironment(folder);
  for (const name of await readdir(join(folder, "bin"))) {
    if (name.startsWith("python")) await rm(join(folder, "bin", name));
  }
  await symlink("/opt/python3.8/bin/python3.8", join(folder, "bin", "python3"));
  await symlink("python3", join(folder, "bin", "python"));
  await writeFile(
    join(folder, "pyvenv.cfg"),
    "home = /opt/python3.8/bin\ninclude-system-site-packages = false\nversion = 3.8.18\n",
  );
}
