import * as z from "zod";
import { readHostInfo } from "../../environments/hostInfo.js";
import { connectionId, flag, hostName, integer, port, secret, text, userName } from "../model/fields.js";
import { type ApiRoute, route } from "../http/route.js";
import { viewerOfLease } from "./viewerOfLease.js";
import { time, timeShape, viewerOf, viewerShape } from "./shapes.js";

/** Seconds. */
const longestTimeout = 600;
const defaultTimeout = 30;

const connectBody = z
  .object({
    host: hostName,
    port: port.optional(),
    username: userName,
    auth_method: z.enum(["key", "password", "agent"]),
    private_key_path: text.nullish(),
    private_key_content: secret.nullish(),
    key_passphrase: secret.nullish(),
    password: secret.nullish(),
    timeout: integer(1, longestTimeout).default(defaultTimeout),
  })
  .check((context) => {
    const {
      auth_method: method,
      private_key_path: path,
      private_key_content: content,
      password,
    } = context.value;
    const missing =
      method === "key" && !path && !content
        ? "private_key_path"
        : method === "password" && !password
          ? "password"
          : undefined;
    if (missing)
      context.issues.push({
        code: "custom",
        path: [missing],
        message: `Required with auth_method ${method}`,
        input: undefined,
      });
  })
  // The same check in JSON Schema.
  .meta({
    if: chosen("key"),
    then: { anyOf: [given("private_key_path"), given("private_key_content")] },
    else: { if: chosen("password"), then: given("password") },
  });

function chosen(method: string): object {
  return { required: ["auth_method"], properties: { auth_method: { const: method } } };
}

function given(field: string): object {
  return { required: [field], properties: { [field]: { type: "string", minLength: 1 } } };
}

const serverInfo = z.object({
  hostname: z.string().nullable(),
  os: z.string().nullable(),
  kernel: z.string().nullable(),
  python_version: z.string().nullable(),
});

export const connectionRoutes: readonly ApiRoute[] = [
  route(
    {
      method: "POST",
      path: "/api/remote/connect",
      summary: "Connect to a host over SSH",
      body: connectBody,
      answer: z.object({
        success: z.boolean(),
        connection_id: z.string(),
        host: z.string(),
        port: z.int(),
        username: z.string(),
        status: z.string(),
        server_info: serverInfo,
        created_at: timeShape,
      }),
    },
    async ({ body, signal }, { connect, leases, onHost }) => {
      const { auth_method: method, host, username } = body;
      const { connection, wasOpen } = await connect(
        {
          host,
          username,
          port: body.port,
          timeout: body.timeout * 1000,
          // Try nothing but the given credentials: a client that sends a key wants to know whether that key works.
          ...(method !== "agent" && { onlyGiven: true }),
          ...(method === "password" && { password: body.password }),
          ...(method === "key" && {
            privateKey: body.private_key_content,
            privateKeyPath: body.private_key_content ? null : body.private_key_path,
            passphrase: body.key_passphrase,
          }),
        },
        signal,
      );
      const lease = leases.take(connection, host, wasOpen);
      const info = await onHost(connection, signal, () => readHostInfo(connection, signal)).catch(
        () => undefined,
      );
      return {
        success: true,
        connection_id: lease.id,
        host,
        port: connection.endpoint.port,
        username: connection.endpoint.user,
        status: "connected",
        server_info: {
          hostname: info?.hostname ?? null,
          os: info?.system ?? null,
          kernel: info?.kernel ?? null,
          python_version: info?.pythonVersion ?? null,
        },
        created_at: time(lease.createdAt),
      };
    },
  ),
  route(
    {
      method: "GET",
      path: "/api/remote/connections",
      summary: "List the connections, with the viewer of each",
      answer: z.object({
        success: z.boolean(),
        connections: z.array(
          z.object({
            connection_id: z.string(),
            host: z.string(),
            port: z.int(),
            username: z.string(),
            status: z.string(),
            created_at: timeShape,
            last_ping: timeShape,
            viewer: viewerShape.nullable(),
          }),
        ),
        total: z.int(),
      }),
    },
    (_, services) => {
      const connections = services.leases.all.map((lease) => {
        const { connection } = lease;
        const session = viewerOfLease({ connection, lease }, services);
        return {
          connection_id: lease.id,
          host: lease.host,
          port: connection.endpoint.port,
          username: connection.endpoint.user,
          status: connection.state === "open" ? "connected" : "disconnected",
          created_at: time(lease.createdAt),
          last_ping: time(lease.lastPing),
          viewer: session ? viewerOf(session) : null,
        };
      });
      return Promise.resolve({ success: true, connections, total: connections.length });
    },
  ),
  route(
    {
      method: "DELETE",
      path: "/api/remote/connections/{connection_id}",
      summary: "Give a connection up; the last one of a host closes the SSH connection",
      params: z.object({ connection_id: connectionId }),
      query: z.object({ force: flag.default(false), cleanup_viewer: flag.default(true) }),
      answer: z.object({
        success: z.boolean(),
        message: z.string(),
        connection_id: z.string(),
        cleanup_performed: z.object({
          ssh_tunnel: z.boolean(),
          remote_viewer: z.boolean(),
          temp_files: z.boolean(),
        }),
      }),
    },
    async ({ params, query }, services) => {
      const { connection_id: id } = params;
      // Includes leases whose connection is lost.
      const lease = services.leases.get(id);
      const found = lease ? { connection: lease.connection, lease } : services.find(id);
      const viewer = query.cleanup_viewer ? viewerOfLease(found, services) : undefined;
      const { force } = query;
      const ending = found.lease
        ? services.giveUp(found.lease, { keepViewer: !query.cleanup_viewer, force })
        : services.app.disconnect(found.connection.id);
      // `force` ignores that something could not be stopped on the host.
      const isConfirmed = await ending.then(
        () => true,
        (error: unknown) => {
          if (!force) throw error;
          return false;
        },
      );
      const isGone = viewer !== undefined && services.app.viewers.get(viewer.id) === undefined;
      const isCleaned = isGone && isConfirmed;
      return {
        success: true,
        message: "Connection disconnected successfully",
        connection_id: id,
        cleanup_performed: { ssh_tunnel: isGone, remote_viewer: isCleaned, temp_files: isCleaned },
      };
    },
  ),
];
