import * as z from "zod";
import { describeFailure } from "../../messages/describeFailure.js";
import { describeSkipped } from "../../messages/describeSkipped.js";
import type { Sync } from "../../sync/syncState.js";
import { connectionId, decimal, someText, text } from "../model/fields.js";
import { type ApiRoute, route } from "../http/route.js";
import type { ApiServices } from "../services/services.js";

const stats = z
  .object({
    copied_files: z.int(),
    appended_bytes: z.int(),
    scans: z.int(),
    started_at: z.number().nullable().meta({ description: "seconds since the epoch" }),
    last_error: z.string().nullable(),
  })
  .meta({ title: "MirrorStats" });
const task = z
  .object({
    id: z.string(),
    session_id: z.string(),
    remote_root: z.string(),
    local_root: z.string(),
    interval: z.number(),
    stats,
  })
  .meta({ title: "MirrorTask" });

/** The syncs that sessions of `/api/ssh` started. */
export interface MirrorTasks {
  /** Session ids by sync id. */
  readonly sessions: Map<string, string>;
  /** Stops all syncs of a session. */
  endAll(sessionId: string, services: ApiServices): Promise<void>;
}

export function createMirrorTasks(): MirrorTasks {
  const sessions = new Map<string, string>();
  return {
    sessions,
    endAll: async (sessionId, { app }) => {
      for (const [id, session] of sessions) {
        if (session !== sessionId) continue;
        sessions.delete(id);
        await app.syncs.stop(id);
      }
    },
  };
}

export function statsOf({
  state,
  skipped,
  stats: { copiedFiles, transferredBytes, scans },
  startedAt,
}: Sync): z.infer<typeof stats> {
  const failure = state.kind === "failed" || state.kind === "offline" ? state.failure : undefined;
  return {
    copied_files: copiedFiles,
    appended_bytes: transferredBytes,
    scans,
    started_at: startedAt === undefined ? null : startedAt / 1000,
    last_error: failure ? describeFailure(failure).message : describeSkipped(skipped).join(" ") || null,
  };
}

export function mirrorRoutes(tasks: MirrorTasks): readonly ApiRoute[] {
  const taskOf = (sync: Sync, sessionId: string, { app }: ApiServices): z.infer<typeof task> => ({
    id: sync.id,
    session_id: sessionId,
    remote_root: sync.root,
    local_root: app.syncs.folder(sync.id),
    interval: sync.interval,
    stats: statsOf(sync),
  });
  return [
    route(
      {
        method: "POST",
        path: "/api/ssh/mirror/start",
        summary: "Mirror a storage root of a session's host",
        body: z.object({
          session_id: connectionId,
          remote_root: someText,
          interval: decimal(86_400).default(2),
          keep_gone: z.boolean().optional().meta({
            description: "what is deleted on the host stays here; default: as it was, at first not",
          }),
        }),
        answer: z.object({ ok: z.boolean(), task }),
      },
      async ({ body, signal }, services) => {
        const { connection } = services.find(body.session_id);
        const { remote_root: root, interval, keep_gone: keepGone } = body;
        const request = { root, mode: "mirror", interval, keepGone } as const;
        const sync = await services.onHost(connection, signal, () =>
          services.app.syncs.start(connection, request, signal),
        );
        tasks.sessions.set(sync.id, body.session_id);
        return { ok: true, task: taskOf(sync, body.session_id, services) };
      },
    ),
    route(
      {
        method: "POST",
        path: "/api/ssh/mirror/stop",
        summary: "Stop a mirror; what was copied stays",
        body: z.object({ task_id: text }),
        answer: z.object({ ok: z.boolean() }),
      },
      async ({ body: { task_id: id } }, { app }) => {
        if (!tasks.sessions.delete(id)) return { ok: false };
        await app.syncs.stop(id);
        return { ok: true };
      },
    ),
    route(
      {
        method: "GET",
        path: "/api/ssh/mirror/list",
        summary: "List the mirrors",
        answer: z.object({ mirrors: z.array(task.extend({ host: z.string(), alive: z.boolean() })) }),
      },
      async (_, services) => {
        const found = await Promise.all(
          [...tasks.sessions].map(async ([id, session]) => ({
            session,
            sync: await services.app.syncs.get(id),
          })),
        );
        const mirrors = found.flatMap(({ sync, session }) =>
          sync
            ? [{ ...taskOf(sync, session, services), host: sync.host, alive: sync.state.kind !== "stopped" }]
            : [],
        );
        return { mirrors };
      },
    ),
  ];
}
