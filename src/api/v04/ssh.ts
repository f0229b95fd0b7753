import * as z from "zod";
import { connectionId, text } from "../model/fields.js";
import { type ApiRoute, route } from "../http/route.js";
import { directoryOf, directoryShape, listdirPerMinute } from "./listdir.js";
import type { MirrorTasks } from "./mirror.js";
import { connectBody, connectWithLease } from "./unified.js";

/** The oldest paths, with several sessions. */
export const sshRoutes = (mirrors: MirrorTasks): readonly ApiRoute[] => [
  route(
    {
      method: "POST",
      path: "/api/ssh/connect",
      summary: "Connect to a host",
      perMinute: 5,
      body: connectBody,
      answer: z.object({ ok: z.boolean(), session_id: z.string() }),
    },
    async ({ body, signal }, services) => ({
      ok: true,
      session_id: (await connectWithLease(body, services, signal)).id,
    }),
  ),
  route(
    {
      method: "GET",
      path: "/api/ssh/sessions",
      summary: "List the sessions",
      answer: z.object({
        sessions: z.array(
          z.object({ id: z.string(), host: z.string(), port: z.int(), username: z.string() }),
        ),
      }),
    },
    (_, { leases }) => {
      const sessions = leases.all.map(({ id, host, connection: { endpoint } }) => ({
        id,
        host,
        port: endpoint.port,
        username: endpoint.user,
      }));
      return Promise.resolve({ sessions });
    },
  ),
  route(
    {
      method: "POST",
      path: "/api/ssh/close",
      summary: "Close a session",
      body: z.object({ session_id: connectionId }),
      answer: z.object({ ok: z.boolean() }),
    },
    async ({ body }, services) => {
      const { find, giveUp, app } = services;
      const { connection, lease } = find(body.session_id);
      await mirrors.endAll(body.session_id, services);
      await (lease ? giveUp(lease) : app.disconnect(connection.id));
      return { ok: true };
    },
  ),
  route(
    {
      method: "GET",
      path: "/api/ssh/listdir",
      summary: "List a folder of a session's host",
      perMinute: listdirPerMinute,
      query: z.object({ session_id: connectionId, path: text.default("") }),
      answer: directoryShape,
    },
    ({ query, signal }, services) =>
      directoryOf(services.find(query.session_id).connection, query.path, services, signal),
  ),
];
