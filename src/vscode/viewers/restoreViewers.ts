import { join } from "node:path";
import { readRegular } from "../../common/files/regularFile.js";
import type { Ui } from "../kit/ui.js";

/** Milliseconds until a second attempt: the earlier window's extension host may take a while to exit. */
const secondLook = 15_000;

/**
 * Reconnects to viewers that an earlier window left running, so that they keep working in a browser even if no view of
 * ours is open. Does not load the app if there are none.
 * @param dataFolder where sessions are stored.
 */
export async function restoreViewers({ app, log }: Ui, dataFolder: string): Promise<void> {
  const remembered = await readRegular(join(dataFolder, "sessions.json")).catch(() => "[]");
  if (remembered.toString().trim() === "[]") return;
  const look = async (): Promise<void> => (await app()).viewers.restore();
  const tell = (error: unknown): void => log.warn(String(error));
  await look().catch(tell);
  setTimeout(() => void look().catch(tell), secondLook).unref();
}
