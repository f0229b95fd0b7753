import type { Connection } from "../ssh/model/connection.js";
import { absoluteRoot } from "./remote/absoluteRoot.js";
import { cacheFolder, syncIdOf } from "./cache/cache.js";
import type { OpenFiles } from "./helper/openRemoteFiles.js";
import { isAnythingCopied, type LiveSyncs } from "./liveSyncs.js";
import type { CopySizes } from "./pass/survey.js";
import type { CopyKeeping } from "./liveSync.js";
import { noteRecord, readRecord } from "./syncRecord.js";
import type { Sync } from "./syncState.js";

/** A root that was listed, for somebody who decides how it is to be kept. */
export interface Survey {
  /** As it was kept last. */
  readonly sync: Sync;
  sizes(keeping: CopyKeeping): Promise<CopySizes>;
  /** Lets go of the host. A root that was never kept, and is not now, leaves nothing behind. */
  dispose(): Promise<void>;
}

export interface SurveyParts {
  readonly dataFolder: string;
  readonly liveSyncs: LiveSyncs;
  readonly openFiles: OpenFiles;
}

/** @throws Failure with a `SyncFailure` or `SshFailure` when the root cannot be listed, or Cancelled. */
export async function surveyRoot(
  { dataFolder, liveSyncs, openFiles }: SurveyParts,
  connection: Connection,
  wanted: string,
  signal: AbortSignal = new AbortController().signal,
): Promise<Survey> {
  const root = await absoluteRoot(connection, wanted, signal);
  const id = syncIdOf(connection.id, root);
  const folder = cacheFolder(dataFolder, id);
  const isKnown = (await readRecord(folder)) !== undefined;
  if (!isKnown) {
    await noteRecord(dataFolder, connection, { root, mode: "mirror" }, await isAnythingCopied(folder));
  }
  const live = await liveSyncs.existing(id);
  const leave = async (): Promise<void> => {
    if (isKnown || live.sync.state.kind !== "stopped" || live.sync.syncedAt !== undefined) return;
    await liveSyncs.forgetEmpty(id);
  };
  try {
    const remote = await openFiles(connection, { signal });
    try {
      await live.list(remote, signal);
    } catch (error) {
      remote.close();
      throw error;
    }
    return {
      sync: live.sync,
      sizes: (keeping) => live.sizes(keeping),
      // The helper stays until then: it knows the listing, and the first pass asks it for what changed since.
      dispose: async () => {
        remote.close();
        await leave();
      },
    };
  } catch (error) {
    await leave();
    throw error;
  }
}
