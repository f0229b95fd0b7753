import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { basePython } from "./python.js";

/** The oldest Runicorn that we work with, and the newest on PyPI. */
export const runicornVersions = { oldest: "0.6.0", newest: "0.7.2" } as const;

/** Where what is installed for tests is kept. */
export const testCache = process.env["RUNICORN_TEST_CACHE"] ?? resolve(".cache", "runicorn");

/**
 * The packages of this Runicorn and what it needs, installed by pip once and kept in the cache.
 * @returns the `site-packages` folder.
 */
export async function ensureRunicorn(version: string): Promise<string> {
  const { library, executable } = basePython();
  const folder = join(testCache, `${version}-${library}`);
  const packages = join(folder, "lib", library, "site-packages");
  if (existsSync(folder)) return packages;
  console.log(`Installing Runicorn ${version}…`);
  await installOnce(folder, (unfinished) => {
    execFileSync(executable, ["-m", "venv", unfinished], { stdio: "inherit" });
    pip(unfinished, ["install", `runicorn==${version}`]);
  });
  return packages;
}

/**
 * A folder with the wheel of this Runicorn alone, for pip's `--find-links`.
 * @returns the folder.
 */
export async function ensureRunicornWheel(version: string): Promise<string> {
  const folder = join(testCache, `${version}-wheel`);
  if (existsSync(folder)) return folder;
  const installed = await ensureRunicorn(version);
  await installOnce(folder, (unfinished) =>
    pip(join(installed, "../../.."), ["download", "--no-deps", "--dest", unfinished, `runicorn==${version}`]),
  );
  return folder;
}

/** Runicorn and all that it needs with this Python, fetched once. @returns the folder. */
export async function ensureWheels(python: string): Promise<string> {
  const version = execFileSync(python, ["-c", "import sys; print('%d.%d' % sys.version_info[:2])"]);
  const folder = join(testCache, `${runicornVersions.newest}-wheels-${version.toString().trim()}`);
  if (existsSync(folder)) return folder;
  await installOnce(folder, (unfinished) => {
    const environment = join(unfinished, "environment");
    execFileSync(python, ["-m", "venv", environment], { stdio: "pipe" });
    pip(environment, ["download", "--dest", unfinished, `runicorn==${runicornVersions.newest}`]);
    execFileSync("rm", ["-r", environment]);
  });
  return folder;
}

/** Runs the pip of a virtual environment. */
export function pip(environment: string, [command = "", ...options]: readonly string[]): void {
  const quiet = ["--quiet", "--no-input", "--disable-pip-version-check"];
  execFileSync(join(environment, "bin", "python"), ["-m", "pip", command, ...quiet, ...options], {
    stdio: "inherit",
  });
}

/** Fills a folder beside, then puts it in place in one step: a run that was interrupted leaves nothing half made. */
export async function installOnce(folder: string, fill: (unfinished: string) => void): Promise<void> {
  await mkdir(testCache, { recursive: true });
  const unfinished = await mkdtemp(join(testCache, ".unfinished-"));
  try {
    fill(unfinished);
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Another run got there first.
    if (!existsSync(folder)) throw error;
  }
}
