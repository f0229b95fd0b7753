import * as z from "zod";
import { publicId } from "../connectionIds.js";
import { type Route, route } from "../route.js";
import type { UnifiedConnection } from "./unified.js";

/** The state of the one connection, nested as the document has it and flat as the last server had it. */
export function statusRoute(unified: UnifiedConnection): Route {
  return route(
    {
      method: "GET",
      path: "/api/unified/status",
      summary: "Tell the state of the connection and of its modes",
      answer: z.object({
        connection: z.object({
          connected: z.boolean(),
          host: z.string().optional(),
          port: z.int().optional(),
          username: z.string().optional(),
          uptime_seconds: z.int().optional(),
        }),
        smart_mode: z.object({ active: z.boolean() }),
        mirror_mode: z.object({ active: z.boolean() }),
        connected: z.boolean(),
        connection_id: z.string().nullable(),
        host: z.string().nullable(),
        port: z.int().nullable(),
        username: z.string().nullable(),
      }),
    },
    () => {
      const lease = unified.current();
      const modes = { smart_mode: { active: false }, mirror_mode: { active: false } };
      if (!lease) {
        const flat = { connected: false, connection_id: null, host: null, port: null, username: null };
        return Promise.resolve({ connection: { connected: false }, ...modes, ...flat });
      }
      const { connection, host, createdAt } = lease;
      const place = { host, port: connection.endpoint.port, username: connection.endpoint.user };
      const uptime = Math.floor((Date.now() - createdAt) / 1000);
      return Promise.resolve({
        connection: { connected: true, ...place, uptime_seconds: uptime },
        ...modes,
        connected: true,
        connection_id: publicId(connection),
        ...place,
      });
    },
  );
}
