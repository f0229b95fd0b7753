import * as z from "zod";
import { Failure } from "../../common/failure.js";
import { isUsualRoot, storageRootOf } from "../../environments/environment.js";
import {
  connectionId,
  connectionIdQuery,
  flag,
  integer,
  optionalPort,
  optionalRootPath,
  someText,
} from "../model/fields.js";
import type { ApiFailure } from "../model/failures.js";
import { type ApiRoute, route } from "../http/route.js";
import { maxAges } from "../services/hostEnvironments.js";
import { requireViewer, viewerOfLease } from "./viewerOfLease.js";
import { healthOf } from "./health.js";
import { selectLogs } from "./logs.js";
import { time, timeShape, viewerOf, viewerShape } from "./shapes.js";

const mostLines = 10_000;

export const viewerRoutes: readonly ApiRoute[] = [
  route(
    {
      method: "POST",
      path: "/api/remote/viewer/start",
      summary: "Start the viewer of a connection",
      body: z.object({
        connection_id: connectionId,
        env_name: someText,
        remote_root: optionalRootPath,
        local_port: optionalPort,
        auto_open: flag.default(true),
      }),
      answer: z.object({
        success: z.boolean(),
        message: z.string(),
        connection_id: z.string(),
        viewer: viewerShape,
        // Also here, where the documentation's Python example reads it.
        url: z.string().nullable(),
      }),
    },
    async ({ body, signal }, services) => {
      const { app, environments, find, onHost, showViewer, leases, giveUp } = services;
      const found = find(body.connection_id);
      const { connection, lease } = found;
      if (lease?.isStarting || viewerOfLease(found, services))
        throw new Failure<ApiFailure>({ code: "viewer-already-running", id: body.connection_id });
      if (lease) lease.isStarting = true;
      try {
        const options = { maxAge: maxAges.any, paths: true };
        const chosen = await environments.choose(connection, body.env_name, options, signal);
        const root = body.remote_root || storageRootOf(chosen.host);
        const request = {
          environment: chosen.environment,
          root,
          createRoot: isUsualRoot(root, chosen.host),
          localPort: body.local_port ?? undefined,
          openToPrograms: true,
        };
        const session = await onHost(connection, signal, () =>
          app.viewers.start(connection, request, { signal }),
        );
        if (lease) lease.sessionId = session.id;
        if (lease && !leases.get(lease.id)) {
          // The lease was released meanwhile: do not leave a viewer behind.
          await giveUp(lease);
          throw new Failure<ApiFailure>({ code: "connection-not-found", id: lease.id });
        }
        if (body.auto_open) showViewer(session);
        const viewer = viewerOf(session);
        return {
          success: true,
          message: "Remote Viewer started successfully",
          connection_id: body.connection_id,
          viewer,
          url: viewer.url,
        };
      } finally {
        if (lease) lease.isStarting = false;
      }
    },
  ),
  route(
    {
      method: "POST",
      path: "/api/remote/viewer/stop",
      summary: "Stop the viewer of a connection",
      body: z.object({
        connection_id: connectionId,
        cleanup: flag
          .default(true)
          .meta({ description: "changes nothing: what the viewer left on the host always goes with it" }),
      }),
      answer: z.object({
        success: z.boolean(),
        message: z.string(),
        connection_id: z.string(),
        stopped_at: timeShape,
      }),
    },
    async ({ body }, services) => {
      const session = requireViewer(services.find(body.connection_id), body.connection_id, services);
      await services.app.viewers.stop(session.id);
      return {
        success: true,
        message: "Remote Viewer stopped successfully",
        connection_id: body.connection_id,
        stopped_at: time(Date.now()),
      };
    },
  ),
  route(
    {
      method: "GET",
      path: "/api/remote/viewer/status",
      summary: "Tell the state of the viewer of a connection",
      query: connectionIdQuery,
      answer: z.object({
        success: z.boolean(),
        connection_id: z.string(),
        viewer: viewerShape.extend({
          uptime_seconds: z.int(),
          health: z.enum(["healthy", "unhealthy"]),
        }),
      }),
    },
    async ({ query, signal }, services) => {
      const session = requireViewer(services.find(query.connection_id), query.connection_id, services);
      const health = await healthOf(session, services.app, signal);
      return {
        success: true,
        connection_id: query.connection_id,
        viewer: {
          ...viewerOf(session),
          uptime_seconds: Math.max(0, Math.floor((Date.now() - session.startedAt) / 1000)),
          health: health.answers ? ("healthy" as const) : ("unhealthy" as const),
        },
      };
    },
  ),
  route(
    {
      method: "GET",
      path: "/api/remote/viewer/logs",
      summary: "Give the end of the viewer's log",
      query: connectionIdQuery.extend({
        lines: integer(1, mostLines).default(100),
        level: z.string().max(20).optional().meta({ description: "this level and all that are graver" }),
      }),
      answer: z.object({
        success: z.boolean(),
        connection_id: z.string(),
        logs: z.array(z.string()),
        total_lines: z.int(),
      }),
    },
    async ({ query, signal }, services) => {
      const found = services.find(query.connection_id);
      const session = requireViewer(found, query.connection_id, services);
      const { text: log } = await services.onHost(found.connection, signal, () =>
        services.app.viewers.readLog(session.id),
      );
      const logs = selectLogs(log, query.lines, query.level);
      return { success: true, connection_id: query.connection_id, logs, total_lines: logs.length };
    },
  ),
];
