import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ensurePackages, findProgram } from "./packages.js";

/** The oldest Runicorn that we work with, and the newest on PyPI. */
export const runicornVersions = { oldest: "0.6.0", newest: "0.7.2" } as const;

const cache = process.env["RUNICORN_TEST_CACHE"] ?? resolve(".cache", "runicorn");

/**
 * A virtual environment with this Runicorn, installed by pip once and kept in the cache.
 * @returns its folder.
 */
export async function ensureRunicorn(version: string): Promise<string> {
  const folder = join(cache, version);
  if (existsSync(folder)) return folder;
  console.log(`Installing Runicorn ${version}…`);
  await mkdir(cache, { recursive: true });
  const unfinished = await mkdtemp(join(cache, ".unfinished-"));
  makeVenv(unfinished, ["--copies"]);
  const python = join(unfinished, "bin", "python");
  execFileSync(python, ["-m", "pip", "install", "--quiet", "--no-input", `runicorn==${version}`], {
    stdio: "inherit",
  });
  try {
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Another run got there first.
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

function makeVenv(folder: string, options: readonly string[]): void {
  const python = systemPython();
  try {
    execFileSync(python, ["-m", "venv", ...options, folder], { stdio: "pipe" });
  } catch {
    // Debian ships venv and pip apart from Python.
    ensurePackages(["python3-venv"]);
    execFileSync(python, ["-m", "venv", ...options, folder], { stdio: "inherit" });
  }
}

function systemPython(): string {
  const present = findProgram("python3");
  if (present) return present;
  ensurePackages(["python3", "python3-venv"]);
  return findProgram("python3") ?? "python3";
}

/**
 * Makes a virtual environment in `folder` in a moment: its own interpreter and configuration, and Runicorn of that
 * version linked in from the cache, distribution metadata included. Without a version it has no packages.
 */
export async function makeEnvironment(folder: string, version?: string): Promise<void> {
  makeVenv(folder, ["--without-pip"]);
  if (version === undefined) return;
  const from = await sitePackages(await ensureRunicorn(version));
  const to = await sitePackages(folder);
  for (const entry of await readdir(from)) {
    if (!entry.startsWith("pip")) await symlink(join(from, entry), join(to, entry));
  }
}

async function sitePackages(environment: string): Promise<string> {
  const library = join(environment, "lib");
  const [python] = await readdir(library);
  return join(library, python ?? "", "site-packages");
}

export interface HostHome {
  readonly home: string;
  /** Runicorn's storage root, which its user configuration names. */
  readonly root: string;
  dispose(): Promise<void>;
}

/** A home folder with the environments `train` (newest Runicorn), `vision/.venv` (oldest) and `plain` (none). */
export async function makeHostHome(): Promise<HostHome> {
  const home = await mkdtemp(join(tmpdir(), "host-"));
  const root = join(home, "runs");
  await mkdir(root);
  await makeEnvironment(join(home, "venvs", "train"), runicornVersions.newest);
  await makeEnvironment(join(home, "projects", "vision", ".venv"), runicornVersions.oldest);
  await makeEnvironment(join(home, "venvs", "plain"));
  await mkdir(join(home, ".config", "runicorn"), { recursive: true });
  await writeFile(join(home, ".config", "runicorn", "config.json"), JSON.stringify({ user_root_dir: root }));
  return { home, root, dispose: () => rm(home, { recursive: true, force: true, maxRetries: 5 }) };
}
