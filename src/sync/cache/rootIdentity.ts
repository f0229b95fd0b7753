import { join } from "node:path";
import * as z from "zod";
import { replaceFile } from "../../common/files/replaceFile.js";
import { readFileIfPresent } from "../../common/files/sharedFile.js";

const identity = z.object({ device: z.string(), inode: z.string() });

/** Which folder of the host the copy is of: another one at the same path, as where no disk is mounted, has others. */
export type RootIdentity = z.infer<typeof identity>;

const fileName = "root.json";

/** @param folder of the copy. @returns undefined where none was noted. */
export async function readRoot(folder: string): Promise<RootIdentity | undefined> {
  try {
    const bytes = await readFileIfPresent(join(folder, fileName));
    return bytes && identity.safeParse(JSON.parse(bytes.toString("utf8"))).data;
  } catch {
    return undefined;
  }
}

/** @param checkRight is called right before anything is written. */
export async function noteRoot(
  folder: string,
  root: RootIdentity,
  checkRight: () => Promise<void>,
): Promise<void> {
  const before = await readRoot(folder);
  if (before?.device === root.device && before.inode === root.inode) return;
  await replaceFile(join(folder, fileName), Buffer.from(JSON.stringify(root)), { beforeRename: checkRight });
}
