import { join } from "node:path";
import { readRegular } from "../../common/files/regularFile.js";
import type { Ui } from "../kit/ui.js";

/** Milliseconds until another look: the earlier window's program may take a while to end. */
const secondLook = 15_000;

/**
 * Brings back the viewers that an earlier window left running, so that a browser that shows one goes on although no view
 * of ours is open. Where there are none, the core is not loaded.
 * @param dataFolder where sessions are remembered.
 */
export async function restoreViewers({ app, log }: Ui, dataFolder: string): Promise<void> {
  const remembered = await readRegular(join(dataFolder, "sessions.json")).catch(() => "[]");
  if (remembered.toString().trim() === "[]") return;
  const look = async (): Promise<void> => (await app()).viewers.restore();
  const tell = (error: unknown): void => log.warn(String(error));
  await look().catch(tell);
  setTimeout(() => void look().catch(tell), secondLook).unref();
}
