import { readFileIfPresent } from "../../common/files/sharedFile.js";
import type { ConfigValues } from "./hostConfig.js";
import type { Target } from "../model/target.js";

/** Reads the user's configuration file where no ssh program can be asked. One that makes no sense counts as empty. */
export async function readConfigFile(target: Target, file: string): Promise<ConfigValues> {
  const bytes = await readFileIfPresent(file).catch(() => undefined);
  if (bytes === undefined) return new Map();
  const { default: SSHConfig } = await import("ssh-config");
  try {
    const computed = SSHConfig.parse(bytes.toString("utf8")).compute({
      Host: target.host,
      // Never run `Match exec`.
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
