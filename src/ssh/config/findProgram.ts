import { accessSync, constants, statSync } from "node:fs";
import { posix, win32 } from "node:path";

/** What a unit test puts in place of this machine. */
export interface ProgramSystem {
  readonly platform: NodeJS.Platform;
  readonly environment: NodeJS.ProcessEnv;
  /** Whether a program lies at this absolute path. */
  readonly isProgram?: (path: string) => boolean;
}

/**
 * Looks a program up in PATH, but never in the current folder, where anybody may have put one. Windows itself would
 * look there first, and every system would for an empty or relative entry of PATH.
 * @param name without a folder and, on Windows, without its ending.
 * @param lastFolder where it lies on a system whose PATH does not name it.
 * @returns an absolute path; one where nothing lies when there is no such program.
 */
export function findProgram(
  name: string,
  lastFolder: string,
  { platform, environment, isProgram = liesThere(platform) }: ProgramSystem,
): string {
  const isWindows = platform === "win32";
  const paths = isWindows ? win32 : posix;
  const file = isWindows ? `${name}.exe` : name;
  const entries = (variable(environment, "PATH", isWindows) ?? "").split(isWindows ? ";" : ":");
  const folders = entries.map(isWindows ? unquoted : same).filter(isWindows ? hasDrive : startsAtRoot);
  const inPath = folders.map((folder) => paths.join(folder, file)).find(isProgram);
  return inPath ?? paths.join(lastFolder, file);
}

/** Tells Windows' programs the same: its command interpreter looks in the current folder first, too. */
export const notFromCurrentFolder: NodeJS.ProcessEnv =
  process.platform === "win32" ? { NoDefaultCurrentDirectoryInExePath: "1" } : {};

/** Where the system's own programs lie on Windows. */
export function windowsSystemFolder(environment: NodeJS.ProcessEnv): string {
  const root = variable(environment, "SystemRoot", true);
  return win32.join(root !== undefined && hasDrive(root) ? root : "C:\\Windows", "System32");
}

/** The command interpreter of Windows, as an absolute path. */
export function windowsShell(environment: NodeJS.ProcessEnv): string {
  const named = variable(environment, "ComSpec", true);
  return named !== undefined && hasDrive(named)
    ? named
    : win32.join(windowsSystemFolder(environment), "cmd.exe");
}

/** The names of variables have no case on Windows, and are found in any as long as nobody copied them. */
function variable(environment: NodeJS.ProcessEnv, name: string, ignoresCase: boolean): string | undefined {
  if (!ignoresCase || environment[name] !== undefined) return environment[name];
  const key = Object.keys(environment).find((one) => one.toLowerCase() === name.toLowerCase());
  return key === undefined ? undefined : environment[key];
}

function liesThere(platform: NodeJS.Platform): (path: string) => boolean {
  return (path) => {
    try {
      if (platform !== "win32") accessSync(path, constants.X_OK);
      return statSync(path).isFile();
    } catch {
      return false;
    }
  };
}

/** Of Windows' absolute paths those that name their drive or server: `\bin` is one of the current drive. */
function hasDrive(path: string): boolean {
  return /^(?:[A-Za-z]:[\\/]|[\\/]{2})/.test(path);
}

const startsAtRoot = (path: string): boolean => path.startsWith("/");
const unquoted = (entry: string): string => entry.replaceAll('"', "");
const same = (entry: string): string => entry;
