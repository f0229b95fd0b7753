import { homedir } from "node:os";
import { join } from "node:path";

/** Where programs of this system keep data that is not settings. */
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
