import type { App } from "../../app.js";
import type { Connection } from "../../ssh/model/connection.js";
import type { ViewerSession } from "../../viewer/session/session.js";
import type { ConnectionLeases } from "./connectionLeases.js";

/** A state that only sessions of saved servers report; `as-usual` is any other. */
export type SavedState = "as-usual" | "degraded" | "disconnected";

/**
 * Viewers that clients of 0.7 started with a saved server. They have two more states, and stopping the last one closes a
 * connection that the API opened.
 */
export interface SavedSessions {
  add(session: ViewerSession): void;
  /** Notes that the API opened this connection, and so may close it. */
  opened(connection: Connection): void;
  stateOf(session: ViewerSession): Promise<SavedState>;
  /** Stops a viewer. @throws as the viewers' own stop. */
  stop(session: ViewerSession): Promise<void>;
}

/** Milliseconds after which a viewer that does not answer counts as degraded. */
const answerLimit = 2_000;

export function createSavedSessions(app: App, leases: ConnectionLeases): SavedSessions {
  const sessions = new Set<string>();
  /** The connections that the API opened, by id, and those that took their place for the viewers on them. */
  const ours = new Map<string, Connection>();

  const hasViewers = (connectionId: string): boolean =>
    app.viewers.sessions.some((one) => one.connectionId === connectionId);
  const isInUse = ({ connectionId }: ViewerSession): boolean =>
    hasViewers(connectionId) || leases.all.some(({ connection }) => connection.id === connectionId);

  const follow = (connection: Connection): void => {
    const { id } = connection;
    if (ours.get(id) === connection) return;
    ours.set(id, connection);
    const closed = connection.onDidClose(({ kind }) => {
      closed.dispose();
      if (ours.get(id) !== connection) return;
      if (kind === "lost" && hasViewers(id)) followNext(id);
      else ours.delete(id);
    });
  };
  /** The next connection of this id is ours if viewers still wait for it; else a user opened it. */
  const followNext = (id: string): void => {
    const changed = app.connections.onDidChange(() => {
      const next = app.connections.get(id);
      if (!next) return;
      changed.dispose();
      if (hasViewers(id)) follow(next);
      else ours.delete(id);
    });
  };

  return {
    add: ({ id }) => {
      for (const known of sessions) if (!app.viewers.get(known)) sessions.delete(known);
      sessions.add(id);
    },
    opened: follow,
    stateOf: async ({ id, state }) => {
      if (!sessions.has(id)) return "as-usual";
      if (state.kind === "reconnecting" && state.wait.kind === "person") return "disconnected";
      if (state.kind !== "running") return "as-usual";
      return (await answersInTime(app, id)) ? "as-usual" : "degraded";
    },
    stop: async (session) => {
      await app.viewers.stop(session.id);
      if (!sessions.delete(session.id) || !ours.has(session.connectionId) || isInUse(session)) return;
      await app.disconnect(session.connectionId);
    },
  };
}

async function answersInTime({ viewers }: App, id: string): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), answerLimit);
  });
  const health = await Promise.race([viewers.health(id), late]).finally(() => clearTimeout(timer));
  return health !== undefined && health.http;
}
