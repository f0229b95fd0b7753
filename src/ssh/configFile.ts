import { join } from "node:path";
import { readFileIfPresent } from "../common/sharedFile.js";
import type { ConfigValues } from "./hostConfig.js";
import type { Target } from "./target.js";

/** Reads `~/.ssh/config` where no ssh program can be asked. A file that makes no sense counts as empty. */
export async function readConfigFile(target: Target, home: string): Promise<ConfigValues> {
  const bytes = await readFileIfPresent(join(home, ".ssh", "config")).catch(() => undefined);
  if (bytes === undefined) return new Map();
  const { default: SSHConfig } = await import("ssh-config");
  try {
    const computed = SSHConfig.parse(bytes.toString("utf8")).compute({
      Host: target.host,
      // Never runs a program of its own accord.
      matchExec: false,
    } as never);
    return new Map(
      Object.entries(computed).map(([key, value]) => [
        key.toLowerCase(),
        Array.isArray(value) ? value : [value],
      ]),
    );
  } catch {
    return new Map();
  }
}
