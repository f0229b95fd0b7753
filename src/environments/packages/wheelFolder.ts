import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { Failure } from "../../common/failure.js";
import type { EnvironmentFailure } from "../failures.js";
import type { PackageFile } from "./hostPip.js";

/** The wheels that pip puts into a folder here, round after round. */
export interface WheelFolder {
  /**
   * Returns those that came since the last call.
   * @throws Failure `packages-too-large` if all so far are too large.
   */
  added(): Promise<readonly PackageFile[]>;
}

/** @param mostBytes of all wheels together. */
export function createWheelFolder(folder: string, mostBytes: number): WheelFolder {
  const known = new Set<string>();
  let bytes = 0;
  return {
    added: async () => {
      const names = (await readdir(folder)).filter(
        (name) => /^[\w.+-]+\.whl$/.test(name) && !known.has(name),
      );
      const files = await Promise.all(
        names.map(async (name) => ({ name, size: (await stat(join(folder, name))).size })),
      );
      for (const { name, size } of files) {
        known.add(name);
        bytes += size;
      }
      if (bytes > mostBytes)
        throw new Failure<EnvironmentFailure>({ code: "packages-too-large", most: mostBytes });
      return Promise.all(
        files.map(async (file) => ({ ...file, sha256: await sha256(join(folder, file.name)) })),
      );
    },
  };
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
