import { createHmac, randomBytes } from "node:crypto";
import type { Failure } from "../../common/failure.js";
import type { Connection } from "../../ssh/model/connection.js";
import type { Connections } from "../../ssh/connections.js";
import type { ConnectRequest } from "../../ssh/model/connectRequest.js";
import { isSshFailure } from "../../ssh/model/failures.js";
import type { Interaction } from "../../ssh/model/interaction.js";

/** Lends connections to commands, and closes idle ones. */
export interface HostPool {
  /** @throws what connecting or the work throws. */
  use<T>(
    request: ConnectRequest,
    signal: AbortSignal,
    work: (connection: Connection) => Promise<T>,
  ): Promise<T>;
  readonly size: number;
  closeAll(): Promise<void>;
}

/** Milliseconds for which rejected credentials are not tried again: servers ban for that. */
const refusalMemory = 30_000;

export interface HostPoolOptions {
  readonly connections: Connections;
  readonly interaction: Interaction;
  /** Milliseconds without a command after which a connection is closed. */
  readonly idleTime: number;
  readonly now?: () => number;
}

export function createHostPool({
  connections,
  interaction,
  idleTime,
  now = Date.now,
}: HostPoolOptions): HostPool {
  const uses = new Map<Connection, number>();
  const timers = new Map<Connection, NodeJS.Timeout>();
  const refused = new Map<string, { readonly failure: Failure; readonly until: number }>();
  const salt = randomBytes(32);

  const borrow = (connection: Connection): void => {
    if (!uses.has(connection)) connection.onDidClose(() => forget(connection));
    uses.set(connection, (uses.get(connection) ?? 0) + 1);
    clearTimeout(timers.get(connection));
  };

  const giveBack = (connection: Connection): void => {
    const left = (uses.get(connection) ?? 1) - 1;
    uses.set(connection, left);
    if (left > 0 || connection.state === "closed") return;
    timers.set(
      connection,
      setTimeout(() => void connection.close(), idleTime),
    );
  };

  const forget = (connection: Connection): void => {
    clearTimeout(timers.get(connection));
    timers.delete(connection);
    uses.delete(connection);
  };

  const connect = async (request: ConnectRequest, signal: AbortSignal): Promise<Connection> => {
    const key = createHmac("sha256", salt).update(JSON.stringify(request)).digest("base64");
    const before = refused.get(key);
    if (before && before.until > now()) throw before.failure;
    refused.delete(key);
    try {
      return await connections.connect(request, interaction, { signal });
    } catch (error) {
      if (isSshFailure(error, "authentication-failed", "too-many-failures")) {
        for (const [old, { until }] of refused) if (until <= now()) refused.delete(old);
        refused.set(key, { failure: error, until: now() + refusalMemory });
      }
      throw error;
    }
  };

  return {
    use: async (request, signal, work) => {
      const connection = await connect(request, signal);
      borrow(connection);
      try {
        return await work(connection);
      } finally {
        giveBack(connection);
      }
    },
    get size() {
      return connections.all.length;
    },
    closeAll: async () => {
      for (const timer of timers.values()) clearTimeout(timer);
      await connections.closeAll();
    },
  };
}
