import { randomBytes } from "node:crypto";
import type { Logger } from "../../common/logger.js";
import { updateSharedFile } from "../../common/files/sharedFile.js";

const keyBytes = 32;

/**
 * The secret behind the cookies of all local ports, which stays: a page in a browser goes on when VS Code starts anew. Made
 * where there is none. Where it cannot be kept, one for this life of the program.
 * @param file absolute path, for our own account only.
 */
export async function readGuardKey(file: string, logger: Logger): Promise<Buffer> {
  const fresh = randomBytes(keyBytes);
  let key: Buffer = fresh;
  try {
    await updateSharedFile(file, (present) => {
      if (present?.length !== keyBytes) return fresh;
      key = present;
      return undefined;
    });
  } catch (error) {
    logger.warn(`${file}: ${String(error)}`);
  }
  return key;
}
