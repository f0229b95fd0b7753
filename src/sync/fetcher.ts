import type { Connection } from "../ssh/connection.js";
import { openRemoteFiles } from "./portable.js";
import type { RemoteFiles } from "./remoteFiles.js";

/** A way to the host for single files, beside that of the passes, so that nobody waits for those. */
export interface Fetcher {
  open(connection: Connection, signal: AbortSignal | undefined): Promise<RemoteFiles>;
  close(): void;
}

/** Milliseconds that it stays open after its last use: a host allows few sessions. */
const idleLimit = 60_000;

export function createFetcher(): Fetcher {
  let present: { readonly connection: Connection; readonly files: Promise<RemoteFiles> } | undefined;
  let timer: NodeJS.Timeout | undefined;
  const close = (): void => {
    clearTimeout(timer);
    void present?.files.then((files) => files.close()).catch(() => undefined);
    present = undefined;
  };
  return {
    open: async (connection, signal) => {
      clearTimeout(timer);
      if (present?.connection !== connection) {
        close();
        present = { connection, files: openRemoteFiles(connection, signal) };
        present.files.catch(() => (present = undefined));
      }
      const files = await present.files;
      timer = setTimeout(close, idleLimit);
      timer.unref();
      return files;
    },
    close,
  };
}
