import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { processesIn, type RunningProcess } from "../processes.js";
import { until } from "../until.js";
import { makeEnvironment } from "./environments.js";
import { runicornVersions } from "./install.js";

export interface HostHome {
  readonly home: string;
  /** Runicorn's storage root, which its user configuration names. */
  readonly root: string;
  dispose(): Promise<void>;
}

/**
 * A home folder with the environments `train` (newest Runicorn), `vision/.venv` (oldest) and `plain` (none).
 * @param severalFit false leaves the second one out: then it is evident which one is meant.
 */
export async function makeHostHome(severalFit = true): Promise<HostHome> {
  const home = await mkdtemp(join(tmpdir(), "host-"));
  const root = join(home, "runs");
  await mkdir(root);
  await makeEnvironment(join(home, "venvs", "train"), runicornVersions.newest);
  if (severalFit) await makeEnvironment(join(home, "projects", "vision", ".venv"), runicornVersions.oldest);
  await makeEnvironment(join(home, "venvs", "plain"));
  await configureRoot(home, root);
  return {
    home,
    root,
    dispose: async () => {
      await endViewers(home);
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** What a test left running ends in order. Where a test has killed the supervisor too, the folder of the socket is left. */
async function endViewers(home: string): Promise<void> {
  const isSupervisor = ({ commandLine }: RunningProcess): boolean => commandLine.includes("supervisor.py");
  for (const { pid } of (await processesIn(home)).filter(isSupervisor)) endIfPresent(pid);
  await until("its viewers have ended", async () => !(await processesIn(home)).some(isSupervisor));
  const sessions = join(home, ".cache", "runicorn-remote", "sessions");
  for (const id of await readdir(sessions).catch(() => [])) {
    const socket = await readFile(join(sessions, id, "socket"), "utf8").catch(() => "");
    const folder = dirname(socket.trim());
    if (basename(folder).startsWith("runicorn-viewer-")) await rm(folder, { recursive: true, force: true });
  }
}

function endIfPresent(pid: number): void {
  try {
    process.kill(pid, "SIGTERM");
  } catch {
    // It has ended by itself.
  }
}

/** Writes Runicorn's user configuration, as Runicorn itself does on Linux. */
export async function configureRoot(home: string, root: string): Promise<void> {
  const file = join(home, ".config", "runicorn", "config.json");
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify({ user_root_dir: root }, undefined, 2));
}
