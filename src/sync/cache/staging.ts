import { createHash } from "node:crypto";
import { mkdirSync, renameSync } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { encodeBytes } from "../../common/text/bytes.js";
import { removeFile } from "../../common/files/replaceFile.js";
import type { WriteRight } from "./writeTurns.js";

/**
 * Files on their way to their place. While one is written its name carries the writer's token, and nobody else ever moves
 * that file: who lost the right to write may have it open. Closed and kept for later it has a name without.
 */
export interface Staging {
  /** Where whoever has the right now writes it. */
  own(path: string): string;
  /** Takes over what was kept of a file. Returns its bytes; 0: nothing is there. */
  takeOver(path: string): Promise<number>;
  /** Keeps what is here of it for the next transfer. Nobody has it open. */
  keep(path: string): Promise<void>;
  remove(path: string): Promise<void>;
  /**
   * Right after the right was acquired: keeps what the dead left, and removes what somebody may have open.
   * @param dead tokens of earlier holders that are dead for certain.
   */
  tidy(dead: readonly string[]): Promise<void>;
}

export function openStaging(folder: string, right: WriteRight): Staging {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const kept = (path: string): string =>
    join(folder, createHash("sha256").update(encodeBytes(path)).digest("hex").slice(0, 32));
  const own = (path: string): string => `${kept(path)}.${right.token}`;
  const sizeOf = async (file: string): Promise<number | undefined> =>
    (await lstat(file).catch(() => undefined))?.size;

  return {
    own,
    takeOver: async (path) => {
      const present = await sizeOf(own(path));
      if (present !== undefined) return present;
      const size = await sizeOf(kept(path));
      if (size === undefined) return 0;
      await right.check();
      renameSync(kept(path), own(path));
      return size;
    },
    keep: async (path) => {
      if ((await sizeOf(own(path))) === undefined) return;
      await right.check();
      renameSync(own(path), kept(path));
    },
    remove: async (path) => {
      await removeFile(own(path));
      await right.check();
      await removeFile(kept(path));
    },
    tidy: async (dead) => {
      for (const name of await readdir(folder)) {
        const [, hash, token = ""] = /^([0-9a-f]{32})\.([0-9a-f]{24})$/.exec(name) ?? [];
        if (hash === undefined || token === right.token) continue;
        await right.check();
        if (dead.includes(token)) renameSync(join(folder, name), join(folder, hash));
        else await removeFile(join(folder, name));
      }
    },
  };
}
