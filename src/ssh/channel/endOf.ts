import { within } from "../../common/async/within.js";
import type { RemoteProcess, RemoteProcessEnd } from "../model/connection.js";

/** Milliseconds to wait for the exit status after the output has ended. */
const patience = 5_000;

/**
 * Waits for the exit status of a command whose output is over. A server may never send one: then the command is ended.
 * @returns undefined when none arrives in time.
 */
export async function endOf(
  process: Pick<RemoteProcess, "ended" | "kill">,
): Promise<RemoteProcessEnd | undefined> {
  if (await within(process.ended, patience)) return process.ended;
  process.kill();
  return undefined;
}
