import type { Event } from "../common/async/event.js";
import { createSerialQueue } from "../common/async/serialQueue.js";
import type { Logger } from "../common/logger.js";
import type { Connections } from "../ssh/connections.js";
import type { Connection } from "../ssh/model/connection.js";
import type { StoredSession } from "./session/sessionStore.js";
import type { Known } from "./visitHost.js";

export interface FollowOthersOptions extends Known {
  readonly connections: Pick<Connections, "all">;
  /** Adopts viewers on a host that are not in the table. */
  readonly adopt: (connection: Connection) => Promise<void>;
  readonly logger: Logger;
}

/**
 * Adopts viewers that other windows start on hosts connected here, and follows their decisions on which viewers to
 * keep.
 * @param written fires when the store may have changed.
 */
export function followOthers(options: FollowOthersOptions, written: Event<void>): void {
  const { connections, store, table, adopt, logger } = options;
  /** Each is asked about once over each connection. */
  const asked = new WeakMap<Connection, Set<string>>();
  const turns = createSerialQueue();

  /** Another program looks after it, and it has never been here. */
  const isOthers = async (entry: StoredSession): Promise<boolean> =>
    !entry.stopWanted && !table.has(entry.id) && !table.ended(entry.id) && (await store.isElsewhere(entry));

  /** Applies what the user decided in another window. */
  const hearKept = (stored: readonly StoredSession[], before: ReadonlyMap<string, boolean>): void => {
    for (const { id, kept } of stored) {
      const live = table.get(id);
      // Unless it was changed here while the file was read: that is about to be saved.
      if (live && live.session.kept !== kept && before.get(id) === live.session.kept)
        void live.hearKept(kept);
    }
  };

  const look = async (): Promise<void> => {
    const before = new Map(table.of().map(({ session }) => [session.id, session.kept]));
    const stored = await store.list();
    hearKept(stored, before);
    for (const connection of connections.all.filter(({ state }) => state === "open")) {
      const known = asked.get(connection) ?? new Set();
      asked.set(connection, known);
      let isNew = false;
      for (const entry of stored) {
        if (entry.connectionId !== connection.id || known.has(entry.id) || !(await isOthers(entry))) continue;
        known.add(entry.id);
        isNew = true;
      }
      if (isNew) await adopt(connection);
    }
  };
  written(() => {
    turns.add(look).catch((error: unknown) => logger.info(`viewers of other windows: ${String(error)}`));
  });
}
