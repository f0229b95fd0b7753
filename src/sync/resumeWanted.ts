import type { Logger } from "../common/logger.js";
import type { Connection } from "../ssh/model/connection.js";
import type { Connections } from "../ssh/connections.js";
import { cacheFolder } from "./cache/cache.js";
import type { LiveSyncs } from "./liveSyncs.js";
import { listRecords, readRecord } from "./syncRecord.js";

/** Resumes wanted syncs of a host as soon as it is connected. */
export interface ResumeWanted {
  /** Resolves when nothing is about to go on. */
  settled(): Promise<void>;
  dispose(): void;
}

export interface ResumeWantedOptions {
  readonly dataFolder: string;
  readonly connections: Pick<Connections, "all" | "onDidChange">;
  readonly liveSyncs: Pick<LiveSyncs, "open">;
  readonly logger: Logger;
}

export function resumeWanted({
  dataFolder,
  connections,
  liveSyncs,
  logger,
}: ResumeWantedOptions): ResumeWanted {
  const met = new WeakSet<Connection>();
  const resuming = new Set<Promise<void>>();

  const resumeAll = async (connectionId: string): Promise<void> => {
    for (const id of await listRecords(dataFolder)) {
      const record = (await readRecord(cacheFolder(dataFolder, id)))?.record;
      if (!record?.wanted || record.connectionId !== connectionId) continue;
      (await liveSyncs.open(id))?.resume(record);
    }
  };

  const listening = connections.onDidChange(() => {
    for (const connection of connections.all) {
      if (met.has(connection)) continue;
      met.add(connection);
      const work = resumeAll(connection.id)
        .catch((error: unknown) => logger.warn(`what is synchronised was not resumed: ${String(error)}`))
        .finally(() => resuming.delete(work));
      resuming.add(work);
    }
  });

  return {
    settled: async () => void (await Promise.all(resuming)),
    dispose: () => listening.dispose(),
  };
}
