import { createHash } from "node:crypto";
import { constants, readlinkSync } from "node:fs";
import { lstat, mkdtemp, open, readdir, realpath, rmdir, stat, unlink } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isProcessAlive } from "../../common/files/localProcess.js";

/** A folder for this account alone (mode 0700), with a path short enough for a socket. */
export interface PrivateFolder {
  readonly path: string;
  dispose(): Promise<void>;
}

export type PrivateFolderStart =
  | { readonly kind: "made"; readonly folder: PrivateFolder }
  /** `reason` is for the log. */
  | { readonly kind: "unable"; readonly reason: string };

/** What a unit test puts in place of this machine. */
export interface PrivateFolderSystem {
  readonly platform: NodeJS.Platform;
  /** The folder for temporary files; its path is absolute. */
  readonly temporary: string;
}

/** A socket's whole path fits into some 100 bytes, on every system that has them. */
const longestBase = 55;
/** Where each POSIX system has a folder for temporary files whose path is short. */
const shortBase = "/tmp";

/**
 * All that we, and the programs that we start, put into such a folder. Nothing else in it is ever removed. ssh gives a
 * socket that it is about to make a name with an ending of its own.
 */
const ourNames = /^(config|key-\d+\.pub|tell\.sh|host-key|askpass\.sh|a|m(\.\w+)?|s\d*(\.\w+)?)$/;
/** Removes the same from the working folder, in a shell. */
export const removeOurNames =
  "rm -f -- config key-[0-9]*.pub tell.sh host-key askpass.sh a m m.* s s.* s[0-9]*";

/** Makes one, and removes those that programs of this account left behind when they were killed. */
export async function makePrivateFolder(
  system: PrivateFolderSystem = { platform: process.platform, temporary: tmpdir() },
): Promise<PrivateFolderStart> {
  const base = await baseFor(system);
  if (base === undefined)
    return { kind: "unable", reason: "no folder for temporary files is safe from others" };
  await removeAbandoned(base, system);
  try {
    const path = await mkdtemp(join(base, `${prefix}${process.pid}-${thisPlace()}-`));
    return { kind: "made", folder: { path, dispose: () => removeOurs(path, system) } };
  } catch (error) {
    return { kind: "unable", reason: systemRefusal(error) ?? String(error) };
  }
}

/**
 * Why the system did not let us write or listen in such a folder (a full disk, a folder that was removed), for the log;
 * undefined for every other error. What needed the folder is then unable, and something else takes its place.
 */
export function systemRefusal(error: unknown): string | undefined {
  const isOfSystem = error instanceof Error && "syscall" in error && "code" in error;
  return isOfSystem ? error.message : undefined;
}

/** Windows has no sockets of ours, and gives each account a folder of its own. */
async function baseFor({ platform, temporary }: PrivateFolderSystem): Promise<string | undefined> {
  if (platform === "win32") return temporary;
  for (const base of [temporary, shortBase]) {
    if (Buffer.byteLength(base) <= longestBase && (await isSafeFromOthers(base))) return base;
  }
  return undefined;
}

/** Whether no other account can put another folder in the place of one of ours: ssh runs a program that lies there. */
async function isSafeFromOthers(folder: string): Promise<boolean> {
  try {
    for (let path = await realpath(folder); ; path = dirname(path)) {
      const { mode } = await stat(path);
      if ((mode & 0o022) !== 0 && (mode & 0o1000) === 0) return false;
      if (path === dirname(path)) return true;
    }
  } catch {
    return false;
  }
}

const prefix = "runicorn-";
const folderName = new RegExp(`^${prefix}(\\d+)-([0-9a-f]{4})-\\w{6}$`);

/** Where our process numbers hold: containers and machines that share a folder number their processes apart. */
function thisPlace(): string {
  let namespace = "";
  try {
    namespace = readlinkSync("/proc/self/ns/pid");
  } catch {
    // Only Linux has them.
  }
  return createHash("sha256").update(`${hostname()} ${namespace}`).digest("hex").slice(0, 4);
}

async function removeAbandoned(base: string, system: PrivateFolderSystem): Promise<void> {
  const place = thisPlace();
  const names = await readdir(base).catch(() => []);
  const abandoned = names.filter((name) => {
    const [, pid, where] = folderName.exec(name) ?? [];
    return pid !== undefined && where === place && !isProcessAlive(Number(pid));
  });
  await Promise.all(abandoned.map((name) => removeOurs(join(base, name), system)));
}

/**
 * Removes a private folder of this account, and files in it that have our names. A name proves nothing: anybody may
 * create a folder of that name, or swap it at any moment. So the folder is opened once, and only the open folder is
 * checked and cleaned. Never rejects.
 */
async function removeOurs(path: string, { platform }: PrivateFolderSystem): Promise<void> {
  try {
    if (platform === "win32") {
      if (!(await lstat(path)).isDirectory()) return;
      await removeNamesIn(path);
    } else {
      const folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
      try {
        const { uid, mode, dev, ino } = await folder.stat();
        if (uid !== process.geteuid?.() || (mode & 0o777) !== 0o700) return;
        if (platform === "linux") await removeNamesIn(`/proc/self/fd/${folder.fd}`);
        else {
          // No path leads to what is open there. Its name stays its own where others cannot rename it.
          const named = await lstat(path);
          if (named.dev === dev && named.ino === ino) await removeNamesIn(path);
        }
      } finally {
        await folder.close();
      }
    }
    // Whatever stands under the name by now: a folder that holds anything stays, and so does a link.
    await rmdir(path);
  } catch {
    // It is gone, or somebody else's.
  }
}

/** No folder is gone into: unlink refuses them. */
async function removeNamesIn(folder: string): Promise<void> {
  const names = await readdir(folder);
  const ours = names.filter((name) => ourNames.test(name));
  await Promise.all(ours.map((name) => unlink(join(folder, name)).catch(() => undefined)));
}
