import { isWaiting } from "../../slurm/model/job.js";
import type { Slurm } from "../../slurm/slurm.js";
import type { Connection } from "../../ssh/model/connection.js";

/**
 * Cancels our watched jobs that are still queued. Leaves running jobs, and jobs that we did not submit, alone.
 * @throws like `slurm.list` and `slurm.cancel`.
 */
export async function removeWaiting(
  slurm: Pick<Slurm, "watched" | "list" | "cancel">,
  login: Connection,
): Promise<void> {
  const waited = slurm.watched.filter(({ loginId, state }) => loginId === login.id && isWaiting(state));
  if (waited.length === 0) return;
  // The last known state may be half a minute old, or older.
  const ours = await slurm.list(login);
  const waiting = ours.filter(
    ({ id, state }) => state.kind === "queued" && waited.some(({ jobId }) => jobId === id),
  );
  await Promise.all(waiting.map(({ id }) => slurm.cancel(login, id)));
}
