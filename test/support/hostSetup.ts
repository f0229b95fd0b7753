import { execFileSync } from "node:child_process";
import { ensureProgram } from "./packages.js";
import { ensureRunicorn, runicornVersions } from "./runicorn/install.js";

/**
 * Installs and builds what the host tests need, once and before any of them starts: they run side by side. Whoever starts
 * several runs side by side does it before, and says so.
 */
export default async function setup(): Promise<void> {
  if (process.env["HOSTS_ARE_SET_UP"]) return;
  execFileSync(process.execPath, ["esbuild.mjs"]);
  await installForHosts();
}

export async function installForHosts(): Promise<void> {
  ensureProgram("sshd", "openssh-server");
  ensureProgram("busybox", "busybox");
  ensureProgram("fish", "fish");
  ensureProgram("csh", "csh");
  for (const version of Object.values(runicornVersions)) await ensureRunicorn(version);
}
