import { isWaiting } from "../../slurm/model/job.js";
import type { Slurm } from "../../slurm/slurm.js";
import type { Connection } from "../../ssh/model/connection.js";

/**
 * Takes jobs of ours that are watched here and wait still out of the queue. What runs by now, or was not submitted by us, is
 * left alone.
 * @throws as `slurm.list` and `slurm.cancel` do.
 */
export async function removeWaiting(
  slurm: Pick<Slurm, "watched" | "list" | "cancel">,
  login: Connection,
): Promise<void> {
  const waited = slurm.watched.filter(({ loginId, state }) => loginId === login.id && isWaiting(state));
  if (waited.length === 0) return;
  // What was heard last may be half a minute old, or nothing was heard since.
  const ours = await slurm.list(login);
  const waiting = ours.filter(
    ({ id, state }) => state.kind === "queued" && waited.some(({ jobId }) => jobId === id),
  );
  await Promise.all(waiting.map(({ id }) => slurm.cancel(login, id)));
}
