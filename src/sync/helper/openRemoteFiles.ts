import { orCancelled } from "../../common/failure.js";
import type { Connection } from "../../ssh/model/connection.js";
import { filesThrough, type HelperOptions, openAsking } from "./helper.js";
import { openPortable } from "./portable.js";
import type { RemoteFiles } from "../remote/remoteFiles.js";

/**
 * The files of a host, through a helper of its own where there is a Python for it, else through POSIX tools.
 * @throws Failure with a `SyncFailure` or `SshFailure`, or Cancelled.
 */
export async function openRemoteFiles(
  connection: Connection,
  options: HelperOptions = {},
): Promise<RemoteFiles> {
  const helper = await openAsking(connection, options);
  return helper ? filesThrough(helper, connection.target.host) : openPortable(connection);
}

/** Opens the files of a host for one of those who use them at the same time. */
export type OpenFiles = (
  connection: Connection,
  options: { readonly signal: AbortSignal },
) => Promise<RemoteFiles>;

/** One helper for everybody on a connection: a host allows few sessions. It ends when the last one closes the files. */
export function shareRemoteFiles(): OpenFiles {
  const shared = new Map<Connection, { readonly files: Promise<RemoteFiles>; users: number }>();
  return async (connection, { signal }) => {
    const present = shared.get(connection) ?? { files: openRemoteFiles(connection), users: 0 };
    shared.set(connection, present);
    present.users += 1;
    let isOpen = true;
    const close = (): void => {
      if (isOpen) present.users -= 1;
      isOpen = false;
      if (present.users > 0 || shared.get(connection) !== present) return;
      shared.delete(connection);
      void present.files.then((files) => files.close()).catch(() => undefined);
    };
    try {
      const files = await orCancelled(present.files, signal);
      return {
        get received() {
          return files.received;
        },
        scan: (...request) => files.scan(...request),
        read: (...request) => files.read(...request),
        digests: (...request) => files.digests(...request),
        processes: (...request) => files.processes(...request),
        close,
      };
    } catch (error) {
      close();
      throw error;
    }
  };
}
