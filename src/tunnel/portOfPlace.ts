import type { Logger } from "../common/logger.js";
import { isTunnelFailure } from "./failures.js";
import type { KeptPorts } from "./keptPorts.js";
import type { LocalPort } from "./localPort.js";

export interface PortOfPlaceOptions {
  readonly keptPorts?: KeptPorts;
  readonly onMoved?: (before: number, now: number) => void;
  readonly logger: Logger;
}

/**
 * Opens the port that a place had before, or one that it gets for good. Where none of those can be had, any free one.
 * @param open binds a port; any free one where none is named.
 */
export async function openPortOf(
  place: string,
  open: (port: number | undefined) => Promise<LocalPort>,
  { keptPorts, onMoved, logger }: PortOfPlaceOptions,
): Promise<LocalPort> {
  if (!keptPorts) return open(undefined);
  const before = await keptPorts.of(place);
  for (const port of before) {
    const opened = await openIfFree(port, open);
    if (opened) return opened;
  }
  for (const port of await keptPorts.candidates(place)) {
    const opened = await openIfFree(port, open);
    if (!opened) continue;
    try {
      if (await keptPorts.give(port, place)) {
        const [usual] = before;
        if (usual !== undefined) onMoved?.(usual, port);
        return opened;
      }
    } catch (error) {
      // A full disk: the viewer is to be seen nevertheless.
      logger.warn(`the local port ${port} is not remembered: ${String(error)}`);
      return opened;
    }
    await opened.close();
  }
  logger.warn("no local port is left that could be kept");
  return open(undefined);
}

async function openIfFree(
  port: number,
  open: (port: number | undefined) => Promise<LocalPort>,
): Promise<LocalPort | undefined> {
  try {
    return await open(port);
  } catch (error) {
    if (isTunnelFailure(error, "local-port-taken")) return undefined;
    throw error;
  }
}
