// Installs the project's own npm packages when they are missing or out of date, so that one command is enough after a
// fresh clone. Uses nothing but Node itself.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const projectFolder = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

const stamp = join(projectFolder, "node_modules", ".installed-from");

/** Runs `npm ci` unless node_modules was made from this very lock file. */
export function ensureDependencies() {
  const lock = createHash("sha256")
    .update(readFileSync(join(projectFolder, "package-lock.json")))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
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
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, lock);
}
