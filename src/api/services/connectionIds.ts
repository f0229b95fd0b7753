import type { App } from "../../app.js";
import { Failure } from "../../common/failure.js";
import type { Connection } from "../../ssh/model/connection.js";
import type { ConnectionLease, ConnectionLeases } from "./connectionLeases.js";
import type { ApiFailure } from "../model/failures.js";

/** The connection behind an id of any dialect. */
export interface Found {
  readonly connection: Connection;
  /** Set for a `conn_…` id of version 0.5. */
  readonly lease: ConnectionLease | undefined;
}

/**
 * The open connection that `conn_…` or `user@host:port` names.
 * @throws Failure `connection-id-malformed` or `connection-not-found`.
 */
export function findConnection(id: string, { connections }: App, leases: ConnectionLeases): Found {
  if (/^conn_[0-9a-f]{8}$/.test(id)) {
    const lease = leases.get(id);
    if (lease?.connection.state === "open") return { connection: lease.connection, lease };
    throw notFound(id);
  }
  const parts = /^(.+)@([^@]+):(\d+)$/s.exec(id);
  const port = Number(parts?.[3]);
  if (!parts || port < 1 || port > 65_535)
    throw new Failure<ApiFailure>({ code: "connection-id-malformed", id: id.slice(0, 300) });
  const [, user = "", host = ""] = parts;
  const connection = connectionAt(connections.all, user, host.replace(/^\[(.*)\]$/, "$1"), port);
  if (connection) return { connection, lease: undefined };
  throw notFound(id);
}

/** Finds an open connection by the resolved host name or by the alias that it was opened with. */
export function connectionAt(
  all: readonly Connection[],
  user: string,
  host: string,
  port: number,
): Connection | undefined {
  const wanted = host.toLowerCase();
  return all.find(
    ({ endpoint, target, state }) =>
      state === "open" &&
      endpoint.user === user &&
      endpoint.port === port &&
      [endpoint.host, target.host].some((name) => name.toLowerCase() === wanted),
  );
}

/** Returns `user@host:port` with the host name that the connection was opened with. */
export function publicId({ endpoint, target }: Connection): string {
  return `${endpoint.user}@${target.host}:${endpoint.port}`;
}

function notFound(id: string): Failure<ApiFailure> {
  return new Failure<ApiFailure>({ code: "connection-not-found", id: id.slice(0, 300) });
}
