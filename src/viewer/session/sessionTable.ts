import { Emitter, type Event } from "../../common/async/event.js";
import type { Logger } from "../../common/logger.js";
import { storedFrom } from "./facts.js";
import type { LiveSession } from "./liveSession.js";
import type { SessionChange } from "./sessionRecord.js";
import type { EndOnHost, ViewerSession } from "./session.js";
import type { SessionStore } from "./sessionStore.js";

/** All sessions. Listens to their owners, and saves in `sessions.json` what the next window needs. */
export interface SessionTable {
  readonly onDidChange: Event<void>;
  /** Fires with the connection whose last session left the table. */
  readonly onDidEmpty: Event<string>;
  get(id: string): LiveSession | undefined;
  has(id: string): boolean;
  /** Those of one connection, or all. */
  of(connectionId?: string): LiveSession[];
  /** One of the last that were stopped; undefined for others. */
  ended(id: string): LiveSession | undefined;
  /** Those of the last whose hosts did not confirm their end. */
  readonly unconfirmed: readonly LiveSession[];
  /** From now on, until it is stopped. */
  add(live: LiveSession): void;
}

/** Ended sessions that are remembered, for panels that show them still. */
const endsKept = 200;

export function createSessionTable(store: SessionStore, logger: Logger): SessionTable {
  const changed = new Emitter<void>();
  const emptied = new Emitter<string>();
  const all = new Map<string, LiveSession>();
  /** The latest last. */
  const ended = new Map<string, LiveSession>();

  const drop = ({ session: { id, connectionId } }: LiveSession): void => {
    all.delete(id);
    changed.fire();
    if (table.of(connectionId).length === 0) emptied.fire(connectionId);
  };
  const keepEnd = (live: LiveSession): void => {
    ended.set(live.session.id, live);
    const [oldest] = ended.keys();
    if (ended.size > endsKept && oldest !== undefined) ended.delete(oldest);
  };
  const hear = (live: LiveSession, change: SessionChange): void => {
    const { before, after } = change;
    if (after.state.kind !== before.state.kind) {
      logger.info(`session ${after.id} on ${after.connectionId}: ${after.state.kind}`);
    }
    remember(live, change, store, logger);
    if (after.state.kind === "stopped") {
      keepEnd(live);
      drop(live);
    } else changed.fire();
  };

  const table: SessionTable = {
    onDidChange: changed.event,
    onDidEmpty: emptied.event,
    get: (id) => all.get(id),
    has: (id) => all.has(id),
    of: (connectionId) =>
      [...all.values()].filter(
        ({ session }) => connectionId === undefined || session.connectionId === connectionId,
      ),
    ended: (id) => ended.get(id),
    get unconfirmed() {
      return [...ended.values()].filter(({ session }) => isUnconfirmed(session));
    },
    add: (live) => {
      all.set(live.session.id, live);
      ended.delete(live.session.id);
      live.onDidChange((change) => hear(live, change));
      changed.fire();
    },
  };
  return table;
}

function isUnconfirmed({ state }: ViewerSession): boolean {
  return state.kind === "stopped" && state.onHost.kind === "unconfirmed";
}

/** Keeps what is needed to find the session again after a reload. */
function remember(
  { target }: LiveSession,
  { before, after }: SessionChange,
  store: SessionStore,
  logger: Logger,
): void {
  const { id, state } = after;
  if (state.kind === "stopping" && before.state.kind === "reconnecting") {
    // Now: this program may end before it reaches the host.
    void store.wantStop(id);
  } else if (state.kind !== "stopped") {
    const entry = storedFrom(after, target);
    const isNew = state.kind === "running" && before.state.kind !== "running";
    if (entry && isNew) void store.save(entry);
    if (after.kept !== before.kept) void store.keep(id, after.kept);
  } else forget(id, state.onHost, store, logger);
}

function forget(id: string, onHost: EndOnHost, store: SessionStore, logger: Logger): void {
  switch (onHost.kind) {
    case "gone":
      void store.remove(id);
      break;
    case "unconfirmed":
      logger.warn(
        `session ${id}: its end is not confirmed (${onHost.cause.code}); it is stopped at the next visit, or by its lease`,
      );
      void store.wantStop(id);
      break;
    case "left":
      void store.release(id);
  }
}
