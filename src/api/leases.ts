import { randomBytes } from "node:crypto";
import type { Connection } from "../ssh/connection.js";

/** A connection of version 0.5: a claim on an SSH connection that others may use too. */
export interface Lease {
  /** `conn_` and 8 hex digits. */
  readonly id: string;
  readonly connection: Connection;
  /** As the client called it. */
  readonly host: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** When the host was last known to answer, milliseconds since the epoch. */
  lastPing: number;
  /** The viewer that was started through this lease. */
  sessionId: string | undefined;
  /** A viewer is being started through it. */
  isStarting: boolean;
}

export interface Leases {
  readonly all: readonly Lease[];
  get(id: string): Lease | undefined;
  /** @param wasOpen somebody else had the connection open before: it is not ours to close. */
  take(connection: Connection, host: string, wasOpen: boolean): Lease;
  /** Somebody without a lease wants the connection to stay. */
  hold(connection: Connection): void;
  /** Gives a lease up. @returns whether it was the last thing that kept the connection open. */
  release(lease: Lease): boolean;
}

export function createLeases(): Leases {
  const leases = new Map<string, Lease>();
  const held = new WeakSet<Connection>();
  const of = (connection: Connection): Lease[] =>
    [...leases.values()].filter((lease) => lease.connection === connection);
  return {
    get all() {
      return [...leases.values()];
    },
    get: (id) => leases.get(id),
    take: (connection, host, wasOpen) => {
      if (wasOpen && of(connection).length === 0) held.add(connection);
      const id = `conn_${randomBytes(4).toString("hex")}`;
      const now = Date.now();
      const lease: Lease = {
        id,
        connection,
        host,
        createdAt: now,
        lastPing: now,
        sessionId: undefined,
        isStarting: false,
      };
      leases.set(id, lease);
      const closed = connection.onDidClose(() => {
        leases.delete(id);
        closed.dispose();
      });
      return lease;
    },
    hold: (connection) => void held.add(connection),
    release: (lease) => {
      leases.delete(lease.id);
      return !held.has(lease.connection) && of(lease.connection).length === 0;
    },
  };
}
