import { randomBytes } from "node:crypto";
import type { Connection } from "../../ssh/model/connection.js";

/** A connection of version 0.5: a reference to an SSH connection, which others may share. */
export interface ConnectionLease {
  /** `conn_` and 8 hex digits. */
  readonly id: string;
  readonly connection: Connection;
  /** The name that the client used. */
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

export interface ConnectionLeases {
  readonly all: readonly ConnectionLease[];
  get(id: string): ConnectionLease | undefined;
  /**
   * @param wasOpen the connection was already open, so the last release must not close it, nor the one that takes its place
   * after a loss.
   */
  take(connection: Connection, host: string, wasOpen: boolean): ConnectionLease;
  /** Keeps the connection open for a user without a lease. */
  readonly hold: (connection: Connection) => void;
  /** Releases a lease. @returns whether nothing else keeps the connection open. */
  release(lease: ConnectionLease): boolean;
}

/** @param current returns the open connection of an id: a new one after a reconnect. */
export function createConnectionLeases(
  current: (connectionId: string) => Connection | undefined,
): ConnectionLeases {
  const leases = new Map<string, ConnectionLease>();
  /** By connection id. What is held stays so after a loss, until a client opens a connection of this id. */
  const held = new Map<string, Connection>();
  const of = ({ id }: Connection): ConnectionLease[] =>
    [...leases.values()].filter((lease) => lease.connection.id === id);
  const hold = (connection: Connection): void => {
    held.set(connection.id, connection);
    const closed = connection.onDidClose(({ kind }) => {
      closed.dispose();
      if (kind === "closed" && held.get(connection.id) === connection) held.delete(connection.id);
    });
  };
  return {
    get all() {
      return [...leases.values()];
    },
    get: (id) => leases.get(id),
    take: (connection, host, wasOpen) => {
      if (of(connection).length === 0) {
        if (wasOpen) hold(connection);
        else if (held.get(connection.id) !== connection) held.delete(connection.id);
      }
      const id = `conn_${randomBytes(4).toString("hex")}`;
      const now = Date.now();
      const watch = (watched: Connection): void => {
        const closed = watched.onDidClose(({ kind }) => {
          closed.dispose();
          // Keep the lease of a viewer: it survives a reconnect.
          if (kind === "closed" || lease.sessionId === undefined) leases.delete(id);
        });
      };
      let known = connection;
      const lease: ConnectionLease = {
        id,
        get connection() {
          const now = current(connection.id) ?? known;
          if (now !== known) watch((known = now));
          return known;
        },
        host,
        createdAt: now,
        lastPing: now,
        sessionId: undefined,
        isStarting: false,
      };
      watch(connection);
      leases.set(id, lease);
      return lease;
    },
    hold,
    release: (lease) => {
      leases.delete(lease.id);
      return !held.has(lease.connection.id) && of(lease.connection).length === 0;
    },
  };
}
