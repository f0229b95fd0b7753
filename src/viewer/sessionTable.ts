import { Emitter, type Event } from "../common/event.js";
import type { FailureDetail } from "../common/failure.js";
import type { Logger } from "../common/logger.js";
import type { Life } from "./life.js";
import { storedFrom } from "./life.js";
import { reduceSession, type SessionEvent } from "./reduceSession.js";
import type { ViewerFailure } from "./session.js";
import type { SessionStore } from "./sessionStore.js";

/** The sessions that there are: the one place where their state is moved. */
export interface SessionTable {
  readonly onDidChange: Event<void>;
  /** Fires with the connection whose last session left the table. */
  readonly onDidEmpty: Event<string>;
  get(id: string): Life | undefined;
  has(id: string): boolean;
  /** Those of one connection, or all. */
  of(connectionId?: string): Life[];
  add(life: Life): void;
  /** Takes one out, whatever its state. */
  drop(life: Life): void;
  apply(life: Life, event: SessionEvent): void;
  /** Moves a session to failed, and closes its tunnel. */
  fail(life: Life, failure: FailureDetail | ViewerFailure): Promise<void>;
  closeTunnel(life: Life): Promise<void>;
  /** Keeps for the next window what it needs to find the session again. */
  remember(life: Life): void;
  /** Says that something changed that is no state. */
  touch(): void;
}

export function createSessionTable(store: SessionStore, logger: Logger): SessionTable {
  const changed = new Emitter<void>();
  const emptied = new Emitter<string>();
  const lives = new Map<string, Life>();

  const table: SessionTable = {
    onDidChange: changed.event,
    onDidEmpty: emptied.event,
    get: (id) => lives.get(id),
    has: (id) => lives.has(id),
    of: (connectionId) =>
      [...lives.values()].filter(
        ({ session }) => connectionId === undefined || session.connectionId === connectionId,
      ),
    add: (life) => {
      lives.set(life.session.id, life);
      changed.fire();
    },
    drop: ({ session: { id, connectionId } }) => {
      lives.delete(id);
      changed.fire();
      if (table.of(connectionId).length === 0) emptied.fire(connectionId);
    },
    apply: (life, event) => {
      const { state: before, id, connectionId } = life.session;
      const state = reduceSession(before, event);
      if (state === before) return;
      if (state.kind !== before.kind) logger.info(`session ${id} on ${connectionId}: ${state.kind}`);
      life.session = { ...life.session, state };
      if (state.kind === "stopped") table.drop(life);
      else changed.fire();
    },
    fail: async (life, failure) => {
      table.apply(life, { kind: "failed", failure });
      await table.closeTunnel(life);
    },
    closeTunnel: async (life) => {
      const { tunnel } = life;
      life.tunnel = undefined;
      await tunnel?.close();
    },
    remember: (life) => {
      const entry = storedFrom(life);
      if (entry) void store.save(entry);
    },
    touch: () => changed.fire(),
  };
  return table;
}
