import * as z from "zod";
import { connectionAt } from "../services/connectionIds.js";
import { flag, hostName, port, secret, text, userName } from "../model/fields.js";
import { type ApiRoute, route } from "../http/route.js";
import type { ConnectFields } from "../services/connecting.js";
import type { Profiles } from "../services/profiles.js";
import { withSavedServer } from "../services/savedServers.js";
import { describeSessions } from "./describeSession.js";
import { connectionOf, connectionShape, ok, sessionShape } from "./shapes.js";

/** The credentials of a request; `null` is the same as none. */
const credentialFields = {
  password: secret.nullish(),
  private_key: secret.nullish(),
  private_key_path: text.nullish(),
  passphrase: secret.nullish(),
  use_agent: flag.default(true),
};

const hostFields = { host: hostName, port: port.optional(), username: userName };

const needed = "needed unless saved_server_id is given";

/** Host and credentials; clients of 0.7 may name a saved server instead. */
export const serverFields = {
  host: hostName.nullish().meta({ description: needed }),
  port: port.nullish(),
  username: userName.nullish().meta({ description: needed }),
  ...credentialFields,
  saved_server_id: text.nullish(),
};

type ServerBody = z.output<z.ZodObject<typeof serverFields>>;

/** Requires host and user, unless a saved server is named. */
export function namesServer({ value, issues }: z.core.ParsePayload<ServerBody>): void {
  if (value.saved_server_id) return;
  for (const name of ["host", "username"] as const) {
    if (value[name]) continue;
    const message = "Invalid input: expected string, received undefined";
    issues.push({ code: "invalid_type", expected: "string", path: [name], message, input: undefined });
  }
}

/** The same check in JSON Schema. A request with the field `ofV05` is one of version 0.5. */
export function needsServer(ofV05: string): Record<string, object> {
  const some = { type: "string", minLength: 1 };
  return {
    if: { required: ["saved_server_id"], properties: { saved_server_id: some } },
    else: { required: ["host", "username"], properties: { host: some, username: some } },
    not: { required: [ofV05] },
  };
}

/**
 * Converts a request body, and fills in the saved server that it names.
 * @throws Failure `saved-server-not-found` or `saved-server-mismatch`.
 */
export function connectFields(body: ServerBody, profiles: Profiles): Promise<ConnectFields> {
  return withSavedServer(profiles, {
    savedServerId: body.saved_server_id,
    host: body.host,
    port: body.port ?? undefined,
    username: body.username,
    password: body.password,
    privateKey: body.private_key,
    privateKeyPath: body.private_key_path,
    passphrase: body.passphrase,
    useAgent: body.use_agent,
  });
}

export const connectionRoutes: readonly ApiRoute[] = [
  route(
    {
      method: "POST",
      path: "/api/remote/connect",
      summary: "Connect to a host over SSH",
      body: z.object(serverFields).check(namesServer).meta(needsServer("auth_method")),
      answer: z.object({
        ok: z.boolean(),
        connection_id: z.string(),
        ...connectionShape.omit({ key: true }).shape,
      }),
    },
    async ({ body, signal }, { connect, leases, profiles }) => {
      const { connection } = await connect(await connectFields(body, profiles), signal);
      leases.hold(connection);
      const { key, ...facts } = connectionOf(connection);
      return { ok: true, connection_id: key, ...facts };
    },
  ),
  route(
    {
      method: "GET",
      path: "/api/remote/sessions",
      summary: "List the open SSH connections",
      answer: z.object({ sessions: z.array(connectionShape) }),
    },
    (_, { app }) => Promise.resolve({ sessions: app.connections.all.map(connectionOf) }),
  ),
  route(
    {
      method: "POST",
      path: "/api/remote/disconnect",
      summary: "Stop the viewers of a connection and close it",
      body: z.object(hostFields),
      answer: ok,
    },
    async ({ body }, { app }) => {
      const connection = connectionAt(app.connections.all, body.username, body.host.trim(), body.port ?? 22);
      if (!connection) return { ok: false, message: "Connection not found" };
      await app.disconnect(connection.id);
      return { ok: true, message: "Connection removed" };
    },
  ),
  route(
    {
      method: "GET",
      path: "/api/remote/status",
      summary: "List connections and viewers",
      answer: z.object({
        connections: z.array(connectionShape),
        viewer_sessions: z.array(sessionShape),
        connection_count: z.int(),
        viewer_session_count: z.int(),
      }),
    },
    async (_, services) => {
      const connections = services.app.connections.all.map(connectionOf);
      const sessions = await describeSessions(services);
      return {
        connections,
        viewer_sessions: sessions,
        connection_count: connections.length,
        viewer_session_count: sessions.length,
      };
    },
  ),
];
