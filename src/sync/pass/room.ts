import { Failure } from "../../common/failure.js";
import type { Cache } from "../cache/cache.js";
import type { SyncFailure } from "../failures.js";

/** Bytes that stay free on this machine when much is copied. */
const reserve = 256 * 1024 * 1024;
/** Bytes that are no reason to keep a reserve. */
const little = 16 * 1024 * 1024;

/**
 * @param needed bytes that are about to come.
 * @throws Failure `sync-no-space` where they do not fit.
 */
export async function refuseWithoutRoom(needed: number, { files, folder }: Cache): Promise<void> {
  if (needed <= 0) return;
  const free = await files.freeSpace();
  const isTooMuch = needed > free || (needed > little && needed + reserve > free);
  if (isTooMuch) throw new Failure<SyncFailure>({ code: "sync-no-space", folder, needed, free });
}
