// Installs the project's own npm packages when they are missing or out of date, so that one command is enough after a
// fresh clone. Uses nothing but Node itself.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const projectFolder = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** Runs `npm ci` unless node_modules holds what this very lock file names, whoever put it there. */
export function ensureDependencies() {
  if (isInstalled()) return;
  console.log("Installing npm packages…");
  const { status } = runNpm(["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: projectFolder,
    stdio: "inherit",
  });
  if (status !== 0) {
    console.error("npm ci failed: is the npm registry reachable?");
    process.exit(1);
  }
}

/** Milliseconds for one npm, which may wait for ever for an answer of the registry; and how often it is run then. */
const npmLimit = 240_000;
const npmTries = 3;

/**
 * Runs npm, and once more when it does not end.
 * @param {readonly string[]} args
 * @param {import("node:child_process").SpawnSyncOptions} options
 */
export function runNpm(args, options) {
  for (let tries = 1; ; tries += 1) {
    const done = spawnSync("npm", [...args, "--loglevel=error", "--fetch-timeout=60000"], {
      ...options,
      shell: process.platform === "win32",
      timeout: npmLimit,
      killSignal: "SIGKILL",
    });
    if (done.signal !== "SIGKILL" || tries === npmTries) return done;
    console.log(`npm did not end within ${npmLimit / 60_000} minutes, and is run once more.`);
  }
}

/** npm notes in node_modules what it put there. Packages for other systems than this one are left out. */
function isInstalled() {
  const notes = join(projectFolder, "node_modules", ".package-lock.json");
  if (!existsSync(notes)) return false;
  const installed = packagesIn(notes);
  return Object.entries(packagesIn(join(projectFolder, "package-lock.json"))).every(
    ([path, { integrity, optional }]) => path === "" || optional || installed[path]?.integrity === integrity,
  );
}

function packagesIn(lockFile) {
  return JSON.parse(readFileSync(lockFile, "utf8")).packages;
}
