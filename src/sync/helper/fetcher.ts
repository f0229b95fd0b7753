import { orCancelled } from "../../common/failure.js";
import type { Connection } from "../../ssh/model/connection.js";
import type { RemoteFiles } from "../remote/remoteFiles.js";
import type { OpenFiles } from "./openRemoteFiles.js";

/** A second helper for single files, so that opening a file never waits for a pass. */
export interface Fetcher {
  /**
   * Runs `work` with the files of the host, which several may use at once.
   * @throws what opening them or `work` throws; Cancelled when `signal` is aborted before they are open.
   */
  use<T>(connection: Connection, work: (files: RemoteFiles) => Promise<T>, signal?: AbortSignal): Promise<T>;
  close(): void;
}

/** Milliseconds that they stay open after their last use: a host allows few sessions. */
const idleLimit = 60_000;

/** What is open, or being opened, on one connection. */
interface Opened {
  readonly connection: Connection;
  readonly files: Promise<RemoteFiles>;
  readonly giveUp: AbortController;
  users: number;
  idle: NodeJS.Timeout | undefined;
}

export function createFetcher(openFiles: OpenFiles): Fetcher {
  let present: Opened | undefined;

  const letGo = (opened: Opened): void => {
    clearTimeout(opened.idle);
    opened.giveUp.abort();
    void opened.files.then((files) => files.close()).catch(() => undefined);
    if (present === opened) present = undefined;
  };

  const openedOn = (connection: Connection): Opened => {
    if (present?.connection === connection) return present;
    if (present) letGo(present);
    const giveUp = new AbortController();
    const files = openFiles(connection, { signal: giveUp.signal });
    const opened: Opened = { connection, files, giveUp, users: 0, idle: undefined };
    files.catch(() => letGo(opened));
    return (present = opened);
  };

  return {
    use: async (connection, work, signal) => {
      const opened = openedOn(connection);
      clearTimeout(opened.idle);
      opened.users += 1;
      try {
        return await work(await orCancelled(opened.files, signal));
      } finally {
        opened.users -= 1;
        if (opened.users === 0 && present === opened) {
          opened.idle = setTimeout(() => letGo(opened), idleLimit);
          opened.idle.unref();
        }
      }
    },
    close: () => {
      if (present) letGo(present);
    },
  };
}
