import { join } from "node:path";
import type { Lock } from "../../common/files/lock.js";
import { removeLeftovers } from "../../common/files/replaceFile.js";
import { type Cache, type CacheOptions, spaceFailureOr } from "../cache/cache.js";
import { createPathLocks } from "../cache/pathLocks.js";
import { createWriteTurns } from "../cache/writeTurns.js";
import { openManifest } from "../manifest/manifest.js";
import { createRootFiles } from "./rootFiles.js";
import { makeFolder } from "../../common/files/makeFolder.js";

/**
 * A root of this machine in the shape of a copy. Windows take turns to write down what they listed, and nothing else.
 * @param root absolute path of what is read.
 * @param folder absolute path of a folder of ours for what is known of it, made when missing with mode 0700.
 */
export async function openRootCache(
  root: string,
  folder: string,
  { lockTimes, warn }: Pick<CacheOptions, "lockTimes" | "warn"> = {},
): Promise<Cache> {
  await makeFolder(folder);
  const manifestFile = join(folder, "manifest.jsonl");
  /** Whenever the right to write was acquired. */
  const prepare = async ({ predecessors }: Lock): Promise<void> => {
    if (predecessors.length > 0) await removeLeftovers(manifestFile);
    await manifest.refresh();
  };
  const turns = createWriteTurns(join(folder, "lock"), prepare, lockTimes);
  const manifest = await openManifest(manifestFile, () => turns.right.check(), warn);
  const files = createRootFiles(root, folder);
  return {
    folder,
    files,
    manifest,
    pathLocks: createPathLocks(),
    // What lies there is what there is: nothing of it can be damaged, or gone by mistake.
    lookForDamage: () => undefined,
    readRoot: () => Promise.resolve(undefined),
    noteRoot: () => Promise.resolve(),
    lookAgain: async () => (turns.isBusy ? false : manifest.refresh()),
    whileWriting: (work, signal) =>
      turns.run(work, signal).catch(async (error: unknown) => {
        throw await spaceFailureOr(error, folder, () => files.freeSpace());
      }),
  };
}
