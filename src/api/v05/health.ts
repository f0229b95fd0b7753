import { timeLimit } from "../../common/async/timeLimit.js";
import * as z from "zod";
import type { App } from "../../app.js";
import type { ViewerSession } from "../../viewer/session/session.js";
import { connectionIdQuery } from "../model/fields.js";
import { type ApiRoute, route } from "../http/route.js";
import { viewerOfLease } from "./viewerOfLease.js";
import { time, timeShape } from "./shapes.js";

/** Milliseconds for one check of a viewer or a host. */
const lookLimit = 5_000;

const check = z.enum(["pass", "fail", "not_running"]);

export const healthRoutes: readonly ApiRoute[] = [
  route(
    {
      method: "GET",
      path: "/api/remote/health",
      summary: "Check a connection, its viewer and its tunnel",
      query: connectionIdQuery,
      answer: z.object({
        success: z.boolean(),
        connection_id: z.string(),
        health: z.enum(["healthy", "degraded", "unhealthy"]),
        checks: z.object({ ssh_connection: check, viewer_process: check, tunnel_active: check }),
        last_check: timeShape,
      }),
    },
    async ({ query, signal }, services) => {
      const { app } = services;
      const found = services.find(query.connection_id);
      const session = viewerOfLease(found, services);
      const [reached, viewer] = await Promise.all([
        services
          .onHost(found.connection, signal, () => found.connection.exec(":", { signal, timeout: lookLimit }))
          .then(
            () => true,
            () => false,
          ),
        session ? healthOf(session, app, signal) : undefined,
      ]);
      if (reached && found.lease) found.lease.lastPing = Date.now();
      const said = (good: boolean | undefined): z.infer<typeof check> =>
        good === undefined ? "not_running" : good ? "pass" : "fail";
      const bad = viewer !== undefined && !(viewer.answers && viewer.hasTunnel);
      const health = !reached ? ("unhealthy" as const) : bad ? ("degraded" as const) : ("healthy" as const);
      return {
        success: true,
        connection_id: query.connection_id,
        health,
        checks: {
          ssh_connection: said(reached),
          viewer_process: said(viewer?.answers),
          tunnel_active: said(viewer?.hasTunnel),
        },
        last_check: time(Date.now()),
      };
    },
  ),
  route(
    {
      method: "GET",
      path: "/api/remote/ping",
      summary: "Measure the way to a host and back",
      query: connectionIdQuery,
      answer: z.object({
        success: z.boolean(),
        connection_id: z.string(),
        latency_ms: z.number(),
        timestamp: timeShape,
      }),
    },
    async ({ query, signal }, { find, onHost }) => {
      const { connection, lease } = find(query.connection_id);
      const latency = await onHost(connection, signal, async () => {
        const startedAt = performance.now();
        await connection.exec(":", { signal, timeout: lookLimit });
        return performance.now() - startedAt;
      });
      if (lease) lease.lastPing = Date.now();
      return {
        success: true,
        connection_id: query.connection_id,
        latency_ms: Math.round(latency * 10) / 10,
        timestamp: time(Date.now()),
      };
    },
  ),
];

/** Checks the viewer's `/api/health` through its tunnel. */
export async function healthOf(
  { id, state }: ViewerSession,
  { viewers }: App,
  signal: AbortSignal,
): Promise<{ readonly hasTunnel: boolean; readonly answers: boolean }> {
  if (state.kind !== "running") return { hasTunnel: false, answers: false };
  const limit = AbortSignal.any([signal, timeLimit(lookLimit)]);
  return { hasTunnel: true, answers: (await viewers.health(id, limit))?.http ?? false };
}
