import { execFileSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensurePackages, findProgram } from "../packages.js";
import { installOnce, pip, runicornVersions, testCache } from "../runicorn/install.js";

const needed = ["slurmctld", "slurmd", "slurm-client", "munge", "iproute2", "openssh-server", "bindfs"];
/** Lets people log in to nodes where they have a job, and nowhere else. */
const adopting = "libpam-slurm-adopt";

/** Why no cluster can be brought up here, in a sentence; undefined where one can. */
export const noCluster: string | undefined = unable();

function unable(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "a cluster needs Linux and root";
  if (!existsSync("/usr/bin/python3")) return "a cluster needs the system's own Python";
  try {
    execFileSync("unshare", ["--net", "--mount", "--uts", "--ipc", "--pid", "--fork", "true"], {
      stdio: "pipe",
    });
  } catch {
    return "a cluster needs a kernel that lets us make name spaces";
  }
  try {
    ensureSlurm();
  } catch (error) {
    return `a cluster needs Slurm's packages: ${String(error)}`;
  }
  return undefined;
}

/** Installs what is missing. No service is started. */
function ensureSlurm(): void {
  const missing = [...needed, adopting].filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  const policy = "/usr/sbin/policy-rc.d";
  const isOurs = !existsSync(policy);
  if (isOurs) writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    ensurePackages(missing);
  } finally {
    if (isOurs) rmSync(policy, { force: true });
  }
}

function isInstalled(name: string): boolean {
  try {
    return execFileSync("dpkg-query", ["-W", "-f=${Status}", name], { stdio: "pipe" })
      .toString()
      .endsWith("ok installed");
  } catch {
    return false;
  }
}

/**
 * Runicorn for the system's own Python, which every account may run, installed once.
 * @returns the `site-packages` folder.
 */
export async function ensureSystemRunicorn(version: string = runicornVersions.newest): Promise<string> {
  const python = "/usr/bin/python3";
  const asked = "import sys; print('python%d.%d' % sys.version_info[:2])";
  const library = execFileSync(python, ["-c", asked]).toString().trim();
  const folder = join(testCache, `${version}-system-${library}`);
  const packages = join(folder, "lib", library, "site-packages");
  if (existsSync(folder)) return packages;
  if (!findProgram("pip3")) ensurePackages(["python3-venv"]);
  await installOnce(folder, (unfinished) => {
    execFileSync(python, ["-m", "venv", unfinished], { stdio: "pipe" });
    pip(unfinished, ["install", `runicorn==${version}`]);
    execFileSync("chmod", ["-R", "a+rX", unfinished]);
  });
  execFileSync("chmod", ["a+rX", testCache, folder]);
  return packages;
}
