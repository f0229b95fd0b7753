import * as z from "zod";
import { Failure } from "../../common/failure.js";
import { publicId } from "../services/connectionIds.js";
import { flag, hostName, port, secret, text, userName } from "../model/fields.js";
import type { ConnectionLease } from "../services/connectionLeases.js";
import type { ApiFailure } from "../model/failures.js";
import { type ApiRoute, route } from "../http/route.js";
import type { ApiServices } from "../services/services.js";
import { directoryOf, directoryShape, listdirPerMinute } from "./listdir.js";

/** The one connection of `/api/unified`. */
export interface UnifiedConnection {
  /** Undefined while there is none, also when it was lost. */
  current(): ConnectionLease | undefined;
  replace(lease: ConnectionLease | undefined): void;
}

export function createUnifiedConnection(): UnifiedConnection {
  let lease: ConnectionLease | undefined;
  return {
    current: () => (lease?.connection.state === "open" ? lease : undefined),
    replace: (next) => (lease = next),
  };
}

export const connectBody = z.object({
  host: hostName,
  port: port.optional(),
  username: userName,
  password: secret.nullish(),
  private_key: secret.nullish(),
  private_key_path: text.nullish(),
  // Names of the two fields above in the first clients.
  pkey: secret.nullish(),
  pkey_path: text.nullish(),
  passphrase: secret.nullish(),
  use_agent: flag.default(true),
});

/** Connects and takes a lease, which other versions list, too. */
export async function connectWithLease(
  body: z.output<typeof connectBody>,
  { connect, leases }: ApiServices,
  signal: AbortSignal,
): Promise<ConnectionLease> {
  const { connection, wasOpen } = await connect(
    {
      host: body.host,
      port: body.port,
      username: body.username,
      password: body.password,
      privateKey: body.private_key ?? body.pkey,
      privateKeyPath: body.private_key_path ?? body.pkey_path,
      passphrase: body.passphrase,
      useAgent: body.use_agent,
    },
    signal,
  );
  return leases.take(connection, body.host, wasOpen);
}

interface Ending {
  end(services: ApiServices): Promise<void>;
}

/** @throws Failure `nothing-connected`. */
export function connected(unified: UnifiedConnection): ConnectionLease {
  const lease = unified.current();
  if (!lease) throw new Failure<ApiFailure>({ code: "nothing-connected" });
  return lease;
}

/** @param modes ended together with the connection. */
export function unifiedRoutes(unified: UnifiedConnection, modes: Ending): readonly ApiRoute[] {
  return [
    route(
      {
        method: "POST",
        path: "/api/unified/connect",
        summary: "Connect to a host; there is one connection at a time",
        perMinute: 5,
        body: connectBody,
        answer: z.object({
          ok: z.boolean(),
          status: z.string(),
          connected: z.boolean(),
          connection_id: z.string(),
          host: z.string(),
          port: z.int(),
          username: z.string(),
          connected_at: z.number().meta({ description: "seconds since the epoch" }),
          message: z.string(),
        }),
      },
      async ({ body, signal }, services) => {
        const lease = await connectWithLease(body, services, signal);
        const before = unified.current();
        unified.replace(lease);
        if (before) {
          await modes.end(services);
          await services.giveUp(before);
        }
        const { connection, host, createdAt } = lease;
        return {
          ok: true,
          status: "connected",
          connected: true,
          connection_id: publicId(connection),
          host,
          port: connection.endpoint.port,
          username: connection.endpoint.user,
          connected_at: createdAt / 1000,
          message: `Successfully connected to ${host}`,
        };
      },
    ),
    route(
      {
        method: "POST",
        path: "/api/unified/disconnect",
        summary: "Give the connection up",
        answer: z.object({ ok: z.boolean(), message: z.string() }),
      },
      async (_, services) => {
        const lease = unified.current();
        unified.replace(undefined);
        await modes.end(services);
        if (!lease) return { ok: true, message: "Not connected" };
        await services.giveUp(lease);
        return { ok: true, message: `Disconnected from ${lease.host}` };
      },
    ),
    route(
      {
        method: "GET",
        path: "/api/unified/listdir",
        summary: "List a folder of the host",
        perMinute: listdirPerMinute,
        query: z.object({ path: text.default("") }),
        answer: directoryShape,
      },
      ({ query, signal }, services) =>
        directoryOf(connected(unified).connection, query.path, services, signal),
    ),
  ];
}
