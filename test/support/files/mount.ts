import { execFileSync, spawnSync } from "node:child_process";
import { until } from "../until.js";

/**
 * Mounts an empty disk in memory; needs root.
 * @param options as in `mount -o`, such as `size=4k`.
 */
export function mountDisk(options: string, folder: string): void {
  execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder]);
}

/** Processes that were just ended may still stand in it, which is waited for. */
export async function unmount(folder: string): Promise<void> {
  let said = "";
  const unmounted = (): boolean => {
    const { status, stderr } = spawnSync("umount", [folder], { encoding: "utf8" });
    said = stderr;
    return status === 0;
  };
  await until("the disk is unmounted", unmounted).catch((error: unknown) => {
    throw new Error(`${folder}: ${said.trim()}`, { cause: error });
  });
}
