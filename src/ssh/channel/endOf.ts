import { within } from "../../common/async/within.js";
import type { RemoteProcess, RemoteProcessEnd } from "../model/connection.js";

/** Milliseconds in which a server tells how a command ended whose output is over. */
const patience = 5_000;

/**
 * How a command ended that has said its last word. A server may keep that to itself for ever: then the command is ended.
 * @returns undefined where it was not told in time.
 */
export async function endOf(
  process: Pick<RemoteProcess, "ended" | "kill">,
): Promise<RemoteProcessEnd | undefined> {
  if (await within(process.ended, patience)) return process.ended;
  process.kill();
  return undefined;
}
