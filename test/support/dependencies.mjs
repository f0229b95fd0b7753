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
  const { status } = spawnSync(
    "npm",
    ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
    {
      cwd: projectFolder,
      stdio: "inherit",
      shell: process.platform === "win32",
    },
  );
  if (status !== 0) {
    console.error("npm ci failed: is the npm registry reachable?");
    process.exit(1);
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
