import type { Duplex } from "node:stream";
import type { Connection, RemoteProcess } from "./connection.js";
import { createSemaphore } from "./semaphore.js";

/** A stock sshd allows ten sessions on a connection; two stay free for what else needs one. */
const sessionLimit = 8;

/** What opens one session. */
export interface SessionOpener {
  spawn(command: string): Promise<RemoteProcess>;
  subsystem(name: string): Promise<Duplex>;
}

/**
 * Opens sessions, no more at once than a server allows: the others wait for one to end.
 * @param requireOpen throws when the connection is no longer open.
 */
export function createSessions(
  requireOpen: () => void,
  opener: SessionOpener,
): Pick<Connection, "spawn" | "subsystem"> {
  const places = createSemaphore(sessionLimit);

  const inPlace = async <T>(
    open: () => Promise<T>,
    onEnd: (opened: T, leave: () => void) => void,
    signal: AbortSignal | undefined,
  ): Promise<T> => {
    const leave = await places.enter(signal);
    try {
      requireOpen();
      const opened = await open();
      onEnd(opened, leave);
      return opened;
    } catch (error) {
      leave();
      throw error;
    }
  };

  return {
    spawn: (command, signal) =>
      inPlace(
        () => opener.spawn(command),
        (process, leave) => void process.ended.then(leave),
        signal,
      ),
    subsystem: (name, signal) =>
      inPlace(
        () => opener.subsystem(name),
        (stream, leave) => void stream.once("close", leave),
        signal,
      ),
  };
}
