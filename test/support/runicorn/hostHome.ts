import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { makeEnvironment } from "./environments.js";
import { runicornVersions } from "./install.js";

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
  await configureRoot(home, root);
  return { home, root, dispose: () => rm(home, { recursive: true, force: true, maxRetries: 5 }) };
}

/** Writes Runicorn's user configuration, as Runicorn itself does on Linux. */
export async function configureRoot(home: string, root: string): Promise<void> {
  const file = join(home, ".config", "runicorn", "config.json");
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify({ user_root_dir: root }, undefined, 2));
}
