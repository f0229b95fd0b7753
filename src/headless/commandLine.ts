import { homedir } from "node:os";
import { join } from "node:path";

/*
 * Shared by all command lines of the terminal program.
 */

/** An invalid command line. The message is for the user, in English like the options. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** @throws UsageError */
export function checkedFingerprint(text: string): string {
  if (!/^SHA256:[A-Za-z0-9+/]{43}=?$/.test(text)) {
    throw new UsageError("--accept-host-key takes SHA256: and 43 characters of base64");
  }
  return text.replace(/=$/, "");
}

/** The system's folder for application data. */
export function defaultDataFolder(
  environment: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
  home = homedir(),
): string {
  const folder = "runicorn-remote";
  if (platform === "win32") return join(environment["APPDATA"] ?? join(home, "AppData", "Roaming"), folder);
  if (platform === "darwin") return join(home, "Library", "Application Support", folder);
  return join(environment["XDG_DATA_HOME"] || join(home, ".local", "share"), folder);
}
