import { ensureProgram } from "./packages.js";
import { ensureRunicorn, runicornVersions } from "./runicorn/install.js";

/** Installs what the host tests need, once and before any of them starts. */
export default async function setup(): Promise<void> {
  ensureProgram("sshd", "openssh-server");
  ensureProgram("busybox", "busybox");
  ensureProgram("fish", "fish");
  ensureProgram("csh", "csh");
  for (const version of Object.values(runicornVersions)) await ensureRunicorn(version);
}
