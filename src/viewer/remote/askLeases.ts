import type { Connection } from "../../ssh/model/connection.js";
import { runShortScript } from "../../ssh/channel/script.js";
import { statusOf } from "./hostSessions.js";
import identityScript from "./identity.sh";
import leaseScript from "./lease.sh";
import { machineOf } from "../session/machine.js";
import type { RemoteStatus } from "../session/session.js";

export type LeaseVerb = "renew" | "keep" | "release";

/** Milliseconds for an answer; a busy host takes its time. */
const answerLimit = 20_000;

/**
 * Renews the leases of sessions, or with `keep` lets them run without one, or with `release` no longer, and says how each
 * is.
 * @throws Failure with an `SshFailure`
 */
export async function askLeases(
  connection: Connection,
  verb: LeaseVerb,
  ids: readonly string[],
): Promise<ReadonlyMap<string, RemoteStatus>> {
  const script = `${identityScript}\n${leaseScript}`;
  const { output } = await runShortScript(connection, script, [verb, ...ids], { timeout: answerLimit });
  return readStatuses(output.toString("latin1").trim());
}

function readStatuses(text: string): Map<string, RemoteStatus> {
  const statuses = new Map<string, RemoteStatus>();
  const said = text.split(" ").map((entry) => entry.split("=", 2));
  const at = machineOf(said.find(([key]) => key === "at")?.[1]?.replaceAll("/", " "));
  for (const [id = "", word = ""] of said) {
    const status = statusOf(word, at);
    if (status) statuses.set(id, status);
  }
  return statuses;
}
