import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { hasErrorCode } from "./errorCode.js";

const run = promisify(execFile);
/** Milliseconds that the system's own program gets for its answer. */
const limit = 5_000;

/** Whether a process of this machine lives; one of another user counts. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasErrorCode(error, "EPERM");
  }
}

/**
 * Milliseconds since a process of this machine began, to the second; undefined where the system does not say. Starts a
 * program, so it is asked only in doubt.
 */
export async function processAge(pid: number): Promise<number | undefined> {
  const options = { timeout: limit, windowsHide: true };
  try {
    if (process.platform !== "win32") {
      const { stdout } = await run("ps", ["-o", "etime=", "-p", String(pid)], options);
      return parseElapsed(stdout);
    }
    const powershell = join(
      process.env["SystemRoot"] ?? "C:\\Windows",
      "System32\\WindowsPowerShell\\v1.0\\powershell.exe",
    );
    const question = `[int](New-TimeSpan (Get-Process -Id ${pid}).StartTime).TotalSeconds`;
    const { stdout } = await run(
      powershell,
      ["-NoProfile", "-NonInteractive", "-Command", question],
      options,
    );
    return /^\d+\s*$/.test(stdout) ? Number(stdout) * 1_000 : undefined;
  } catch {
    return undefined;
  }
}

/** Reads `[[days-]hours:]minutes:seconds`, as POSIX has it for ps. @returns milliseconds. */
export function parseElapsed(text: string): number | undefined {
  const parts = /^\s*(?:(?:(\d+)-)?(\d+):)?(\d+):(\d+)\s*$/.exec(text);
  if (!parts) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map((part) => Number(part ?? 0));
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000;
}
