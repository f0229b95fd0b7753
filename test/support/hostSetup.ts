import { execFileSync } from "node:child_process";
import { beginNoting, removeNoted } from "./notedFolders.js";
import { ensureProgram } from "./packages.js";
import { ensureRunicorn, runicornVersions } from "./runicorn/install.js";

/**
 * Installs and builds what the host tests need, once and before any of them starts: they run side by side. Whoever starts
 * several runs side by side does it before, and says so.
 * @returns what is done at the end: the folders that tests have left are removed, and named.
 */
export default async function setup(): Promise<() => void> {
  beginNoting();
  if (!process.env["HOSTS_ARE_SET_UP"]) {
    execFileSync(process.execPath, ["esbuild.mjs"]);
    await installForHosts();
  }
  return () => {
    const left = removeNoted();
    if (left.length > 0) console.warn(`Folders that tests left, now removed:\n  ${left.join("\n  ")}`);
  };
}

export async function installForHosts(): Promise<void> {
  ensureProgram("sshd", "openssh-server");
  ensureProgram("busybox", "busybox");
  ensureProgram("fish", "fish");
  ensureProgram("csh", "csh");
  for (const version of Object.values(runicornVersions)) await ensureRunicorn(version);
}
