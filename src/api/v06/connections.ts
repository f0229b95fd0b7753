import * as z from "zod";
import { connectionAt } from "../connectionIds.js";
import { flag, hostName, port, secret, text } from "../fields.js";
import { type Route, route } from "../route.js";
import { connectionOf, connectionShape, ok, sessionOf, sessionShape } from "./shapes.js";

/** The credentials of a request; `null` is the same as nothing. */
export const credentialFields = {
  password: secret.nullish(),
  private_key: secret.nullish(),
  private_key_path: text.nullish(),
  passphrase: secret.nullish(),
  use_agent: flag.default(true),
};

export const hostFields = { host: hostName, port: port.optional(), username: hostName };

/** The fields of a request in our own words. */
export function connectFields(body: z.output<z.ZodObject<typeof hostFields & typeof credentialFields>>) {
  return {
    host: body.host,
    port: body.port,
    username: body.username,
    password: body.password,
    privateKey: body.private_key,
    privateKeyPath: body.private_key_path,
    passphrase: body.passphrase,
    useAgent: body.use_agent,
  };
}

export const connectionRoutes: readonly Route[] = [
  route(
    {
      method: "POST",
      path: "/api/remote/connect",
      summary: "Connect to a host over SSH",
      body: z.object({ ...hostFields, ...credentialFields }),
      answer: z.object({
        ok: z.boolean(),
        connection_id: z.string(),
        ...connectionShape.omit({ key: true }).shape,
      }),
    },
    async ({ body, signal }, { connect, leases }) => {
      const { connection } = await connect(connectFields(body), signal);
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
    (_, { app }) => {
      const connections = app.connections.all.map(connectionOf);
      const sessions = app.viewers.sessions.map(sessionOf);
      return Promise.resolve({
        connections,
        viewer_sessions: sessions,
        connection_count: connections.length,
        viewer_session_count: sessions.length,
      });
    },
  ),
];
