import { Failure } from "../common/failure.js";
import type { Logger } from "../common/logger.js";
import type { Hosts } from "./hosts.js";
import { stopViewer } from "./hostSessions.js";
import { type Life, remoteOf } from "./life.js";
import type { SessionStore } from "./sessionStore.js";
import type { SessionTable } from "./sessionTable.js";

/** The ways in which a session ends. */
export interface Endings {
  /** Takes away what there is of a session, on both sides. */
  cleanUp(life: Life): Promise<void>;
  stop(life: Life): Promise<void>;
  /** All at once; what fails does not keep the others from ending. */
  stopEach(lives: readonly Life[]): Promise<void>;
  /** Stops what nobody else looks after and is not kept, and leaves the rest. */
  stopLast(): Promise<void>;
  /** Lets go of a session here and leaves it to its lease there. */
  leave(life: Life): Promise<void>;
}

export interface EndingsOptions {
  readonly table: SessionTable;
  readonly hosts: Hosts;
  readonly store: SessionStore;
  readonly logger: Logger;
}

export function createEndings({ table, hosts, store, logger }: EndingsOptions): Endings {
  /** Takes away what there is of a session, on both sides. */
  const cleanUp = async (life: Life): Promise<void> => {
    const remote = remoteOf(life.session);
    const { id, connectionId } = life.session;
    await table.closeTunnel(life);
    const connection = hosts.connection(connectionId);
    if (remote && connection?.state === "open") {
      try {
        await stopViewer(connection, id, remote);
        await store.remove(id);
        return;
      } catch (error) {
        if (connection.state === "open") throw error;
      }
    }
    const entry = (await store.list()).find((one) => one.id === id);
    if (!entry) return;
    logger.warn(
      `session ${id}: its host cannot be reached; it is stopped at the next visit, or by its lease`,
    );
    await store.save({ ...entry, stopWanted: true });
  };

  const stop = (life: Life): Promise<void> => {
    life.stopping ??= (async () => {
      life.cancelled.abort();
      await life.starting.catch(() => undefined);
      if (!table.has(life.session.id)) return;
      const before = life.session;
      try {
        await cleanUp(life);
        table.apply(life, { kind: "ended" });
      } catch (error) {
        life.stopping = undefined;
        life.session = before;
        throw error;
      }
    })();
    if (table.has(life.session.id)) table.apply(life, { kind: "stop-requested" });
    return life.stopping;
  };

  const stopEach = async (lives: readonly Life[]): Promise<void> => {
    const results = await Promise.allSettled(lives.map(stop));
    const failed = results.find((result) => result.status === "rejected");
    if (failed) throw failed.reason instanceof Failure ? failed.reason : new Error(String(failed.reason));
  };

  const leave = async (life: Life): Promise<void> => {
    life.cancelled.abort();
    await life.starting.catch(() => undefined);
    await table.closeTunnel(life);
    table.drop(life);
    await store.release(life.session.id);
  };

  return {
    cleanUp,
    stop,
    stopEach,
    stopLast: async () => {
      const stays = (await store.list()).filter((entry) => entry.kept || store.isElsewhere(entry));
      const isLast = ({ session: { id, kept } }: Life): boolean =>
        !kept && !stays.some((entry) => entry.id === id);
      const lives = table.of();
      await Promise.all([
        stopEach(lives.filter(isLast)),
        ...lives.filter((life) => !isLast(life)).map((life) => leave(life)),
      ]);
    },
    leave,
  };
}
