import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram } from "./packages.js";

/** How a machine beside this one looks to what runs on it. */
export interface OtherMachine {
  /** Its host name. */
  readonly name: string;
  /** What tells one start of its kernel from the next. */
  readonly bootId: string;
  /**
   * Seconds between two looks of its process 1 for processes that have ended. Default: it never waits for those that it
   * inherits, as `sleep` in a container does not.
   */
  readonly reapsEvery?: number;
  /** Options of `mount` for disks that only it has. */
  readonly mounts?: readonly (readonly string[])[];
}

/** Why none can be played here; undefined where one can. */
export const noOtherMachine: string | undefined =
  process.getuid?.() !== 0 || !findProgram("unshare")
    ? "needs root and unshare, to have process numbers, a host name and a boot of its own"
    : undefined;

/**
 * The words before a command that has it run on such a machine: with process numbers, a host name and a boot of its own, on
 * the network and the disks of this one. All of it ends with what was started.
 */
export function onMachine({ name, bootId, reapsEvery, mounts = [] }: OtherMachine): string[] {
  const boot = join(mkdtempSync(join(tmpdir(), "machine-")), "boot_id");
  writeFileSync(boot, `${bootId}\n`);
  const script = [
    'hostname "$1"',
    'mount --bind "$2" /proc/sys/kernel/random/boot_id',
    'rm -r "${2%/*}"',
    "shift 2",
    ...mounts.map((options) => `mount ${options.join(" ")}`),
    '"$@" &',
    reapsEvery === undefined ? "exec sleep infinity" : `exec python3 -c '${reaping(reapsEvery)}'`,
  ].join("\n");
  const apart = ["--mount", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc"];
  return ["unshare", ...apart, "sh", "-c", script, "sh", name, boot];
}

/** A process 1 that looks for what has ended now and then. */
const reaping = (seconds: number): string => `
import os, time
while True:
    time.sleep(${seconds})
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass
`;
