import type { Event } from "../common/async/event.js";
import { createWaiter } from "../common/async/pause.js";
import { Cancelled, throwIfCancelled } from "../common/failure.js";
import type { Connection } from "../ssh/model/connection.js";
import type { ListedJob } from "./answers/readQueue.js";
import type { JobList } from "./jobList.js";
import { intervalSince } from "./watched.js";

export interface ListAtLastOptions {
  readonly jobList: JobList;
  /** The connection that there is now. */
  readonly latest: (login: Connection) => Connection;
  readonly onDidChangeConnections: Event<void>;
  /** Aborted at the end. */
  readonly ended: AbortSignal;
}

/**
 * The jobs behind a login node as soon as the cluster answers, however long that takes: asked at once when the node is connected
 * to again, and ever more rarely where the controller is silent.
 * @throws Cancelled at the end.
 */
export async function listAtLast(
  login: Connection,
  { jobList, latest, onDidChangeConnections, ended }: ListAtLastOptions,
): Promise<readonly ListedJob[]> {
  const since = performance.now();
  const waiter = createWaiter();
  const isOpen = (): boolean => latest(login).state === "open";
  let isAway = !isOpen();
  const listening = onDidChangeConnections(() => {
    if (isAway && isOpen()) waiter.wake();
    isAway = !isOpen();
  });
  try {
    for (;;) {
      throwIfCancelled(ended);
      try {
        if (isOpen()) return await jobList(login);
      } catch (error) {
        if (error instanceof Cancelled) throw error;
      }
      await waiter.wait(intervalSince(since), ended);
    }
  } finally {
    listening.dispose();
  }
}
