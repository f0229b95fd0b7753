import { Emitter, type Event } from "../common/async/event.js";
import type { Logger } from "../common/logger.js";
import type { RememberedAnswers } from "./login/rememberedAnswers.js";
import { type Connection, type Endpoint, endpointId } from "./model/connection.js";
import type { ConnectRequest, Credentials } from "./model/connectRequest.js";
import { formatTarget, type Target } from "./model/target.js";

/** The request that opened a connection, to reopen it later. */
export interface Origin {
  readonly request: ConnectRequest;
  readonly answers: RememberedAnswers;
}

/** The open connections: one per endpoint, whatever the credentials. */
export interface Pool {
  readonly all: readonly Connection[];
  /** One came or went. */
  readonly onDidChange: Event<void>;
  get(id: string): Connection | undefined;
  /** The connection that may be used for these credentials: they were proved for it, or there are none. */
  reusable(endpoint: Endpoint, key: string, credentials: Credentials): Connection | undefined;
  /**
   * Keeps a new connection until it is closed.
   * @param key of the credentials that it was opened with.
   * @returns it, or the one that was there before.
   */
  keep(key: string, connection: Connection, origin: Origin): Connection;
  /** The open connection to this target, as it was written, unless it is being ended. */
  to(target: Target): Connection | undefined;
  /** Gives nobody the connection of this id while `work` ends it. @throws what `work` throws. */
  readonly whileEnding: <T>(id: string, work: () => Promise<T>) => Promise<T>;
  /** Resolves when the connection of this id is not being ended. Never rejects. */
  ended(id: string): Promise<void>;
  /** The same of the connection to this target, as it was written. */
  endedTo(target: Target): Promise<void>;
  /** How the connection of this id was made; known after it was lost too, until it is closed on purpose. */
  originOf(id: string): Origin | undefined;
  /** Forgets how these connections were made, and what was answered for them. */
  forgetOrigins(isUnwanted: (id: string, origin: Origin) => boolean): void;
}

interface Pooled {
  /** Of every set of credentials that was proved for this connection. */
  readonly keys: Set<string>;
  readonly connection: Connection;
}

export function createPool(logger: Logger): Pool {
  const changed = new Emitter<void>();
  const pool = new Map<string, Pooled>();
  const origins = new Map<string, Origin>();
  const endings = new Map<string, Promise<unknown>>();

  const ended = async (id: string): Promise<void> => {
    for (let ending = endings.get(id); ending; ending = endings.get(id)) await ending;
  };
  const forgetWhenClosed = (connection: Connection): void => {
    connection.onDidClose((reason) => {
      if (pool.get(connection.id)?.connection === connection) {
        pool.delete(connection.id);
        if (reason.kind === "closed") origins.delete(connection.id);
      }
      logger.info(`${connection.id}: ${reason.kind}`);
      changed.fire();
    });
  };

  return {
    get all() {
      return [...pool.values()].map(({ connection }) => connection);
    },
    onDidChange: changed.event,
    get: (id) => pool.get(id)?.connection,
    reusable: (endpoint, key, credentials) => {
      const pooled = pool.get(endpointId(endpoint));
      if (pooled?.connection.state !== "open" || endings.has(pooled.connection.id)) return undefined;
      return pooled.keys.has(key) || isEmpty(credentials) ? pooled.connection : undefined;
    },
    keep: (key, connection, origin) => {
      const before = pool.get(connection.id);
      if (before?.connection.state === "open") {
        // Other valid credentials for the same endpoint: keep the connection that is already in use.
        before.keys.add(key);
        void connection.close();
        return before.connection;
      }
      pool.set(connection.id, { keys: new Set([key]), connection });
      origins.set(connection.id, origin);
      forgetWhenClosed(connection);
      logger.info(`${connection.id}: connected`);
      changed.fire();
      return connection;
    },
    to: (target) =>
      [...pool.values()]
        .map(({ connection }) => connection)
        .find(
          (one) =>
            one.state === "open" && !endings.has(one.id) && formatTarget(one.target) === formatTarget(target),
        ),
    whileEnding: async (id, work) => {
      const ending = work();
      const all = Promise.allSettled([endings.get(id), ending]);
      endings.set(id, all);
      await all;
      if (endings.get(id) === all) endings.delete(id);
      return ending;
    },
    ended,
    endedTo: async (target) => {
      const name = formatTarget(target);
      const all = [...pool.values()].map(({ connection }) => connection);
      const found = all.find((one) => formatTarget(one.target) === name && endings.has(one.id));
      if (found) await ended(found.id);
    },
    originOf: (id) => origins.get(id),
    forgetOrigins: (isUnwanted) => {
      for (const [id, origin] of origins) {
        if (!isUnwanted(id, origin)) continue;
        origin.answers.forget();
        origins.delete(id);
      }
    },
  };
}

function isEmpty(credentials: Credentials): boolean {
  return Object.values(credentials).every((value) => value === undefined);
}
