import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where Debian and others put programs that are not on every PATH. */
const folders = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin", "/sbin", "/usr/local/sbin"];

/** The absolute path of a program, or undefined. */
export function findProgram(name: string): string | undefined {
  return programsNamed(name)[0];
}

/** Every program of that name, in the order of PATH. */
export function programsNamed(name: string): string[] {
  return folders.map((folder) => join(folder, name)).filter((path) => existsSync(path));
}

/**
 * Finds a program, or installs the Debian package that holds it.
 * @throws Error naming the package when it cannot be installed here.
 */
export function ensureProgram(name: string, packageName: string): string {
  const present = findProgram(name);
  if (present) return present;
  ensurePackages([packageName]);
  const installed = findProgram(name);
  if (!installed) throw new Error(`the package ${packageName} does not hold ${name}`);
  return installed;
}

let listsUpdated = false;
/** Seconds that another installation may take. */
const lockSeconds = 300;

/** Installs Debian packages; as another user than root, says which are missing. */
export function ensurePackages(names: readonly string[]): void {
  const command = `apt-get install -y --no-install-recommends ${names.join(" ")}`;
  if (process.getuid?.() !== 0 || !findProgram("apt-get")) {
    throw new Error(
      `a program is missing: please install ${names.join(", ")} (on Debian and Ubuntu: sudo ${command})`,
    );
  }
  console.log(`Installing ${names.join(", ")}…`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  try {
    if (!listsUpdated) runInTurn(["apt-get", "update"], env);
    listsUpdated = true;
    runInTurn(command.split(" "), env);
  } catch (error) {
    const said = error instanceof Error && "stderr" in error ? String(error.stderr) : String(error);
    throw new Error(`could not install ${names.join(", ")}: ${said.trim().split("\n").slice(-3).join(" ")}`, {
      cause: error,
    });
  }
}

/** Test files run side by side, and apt refuses a second one of itself where it does not wait for it. */
function runInTurn([program = "", ...rest]: readonly string[], env: NodeJS.ProcessEnv): void {
  const waiting = ["-o", `DPkg::Lock::Timeout=${lockSeconds}`];
  const lock = join(tmpdir(), "runicorn-remote-tests-apt.lock");
  execFileSync("flock", ["--wait", String(lockSeconds), lock, program, ...waiting, ...rest], {
    env,
    stdio: "pipe",
  });
}
