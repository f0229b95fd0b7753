import * as z from "zod";
import { inTurns } from "../../common/async/inTurns.js";
import { publicId } from "../services/connectionIds.js";
import { type ApiRoute, route } from "../http/route.js";
import type { ApiServices } from "../services/services.js";
import { statsOf } from "./mirror.js";
import type { UnifiedModes } from "./modes.js";
import type { UnifiedConnection } from "./unified.js";

const seconds = z.number().nullable().meta({ description: "seconds since the epoch" });
const flatMode = { active: z.boolean(), remote_root: z.string().nullable() };

const statusShape = z
  .object({
    connection: z.object({
      connected: z.boolean(),
      host: z.string().optional(),
      port: z.int().optional(),
      username: z.string().optional(),
      uptime_seconds: z.int().optional(),
    }),
    smart_mode: z.object({
      active: z.boolean(),
      remote_root: z.string().optional(),
      auto_sync: z.boolean().optional(),
      sync_interval_minutes: z.number().optional(),
      last_sync_at: seconds.optional(),
      next_sync_at: seconds.optional(),
    }),
    mirror_mode: z.object({
      active: z.boolean(),
      remote_root: z.string().optional(),
      mirror_interval: z.number().optional(),
      stats: z.unknown().optional(),
    }),
    cached_experiments: z.int(),
    experiments_left_out: z.int(),
    cached_artifacts: z.int(),
    connected: z.boolean(),
    connection_id: z.string().nullable(),
    host: z.string().nullable(),
    port: z.int().nullable(),
    username: z.string().nullable(),
    modes: z.object({
      smart: z.object(flatMode),
      mirror: z.object({ ...flatMode, tasks: z.array(z.unknown()) }),
    }),
  })
  .meta({ title: "StatusV04" });
type Status = z.infer<typeof statusShape>;

/** The state of the one connection: nested as documented, and flat as the last server sent it. */
export function statusRoute(unified: UnifiedConnection, modes: UnifiedModes): ApiRoute {
  return route(
    {
      method: "GET",
      path: "/api/unified/status",
      summary: "Tell the state of the connection and of its modes",
      answer: statusShape,
    },
    async (_, services) => ({
      ...connectionOf(unified),
      ...(await modesOf(modes, services)),
      ...(await countsOf(services)),
    }),
  );
}

function connectionOf(
  unified: UnifiedConnection,
): Pick<Status, "connection" | "connected" | "connection_id" | "host" | "port" | "username"> {
  const lease = unified.current();
  if (!lease) {
    const flat = { connected: false, connection_id: null, host: null, port: null, username: null };
    return { connection: { connected: false }, ...flat };
  }
  const { connection, host, createdAt } = lease;
  const place = { host, port: connection.endpoint.port, username: connection.endpoint.user };
  const uptime = Math.floor((Date.now() - createdAt) / 1000);
  return {
    connection: { connected: true, ...place, uptime_seconds: uptime },
    connected: true,
    connection_id: publicId(connection),
    ...place,
  };
}

async function modesOf(
  modes: UnifiedModes,
  services: ApiServices,
): Promise<Pick<Status, "smart_mode" | "mirror_mode" | "modes">> {
  const active = await modes.current(services);
  const off = { active: false, remote_root: null };
  const none = { smart: off, mirror: { ...off, tasks: [] } };
  if (!active) return { smart_mode: { active: false }, mirror_mode: { active: false }, modes: none };
  const { sync, config } = active;
  const on = { active: true, remote_root: sync.root };
  if (!("auto_sync" in config)) {
    const stats = statsOf(sync);
    return {
      smart_mode: { active: false },
      mirror_mode: { ...config, ...on, stats },
      modes: { smart: off, mirror: { ...on, tasks: [{ id: sync.id, remote_root: sync.root, stats }] } },
    };
  }
  const { state, syncedAt } = sync;
  return {
    smart_mode: {
      ...config,
      ...on,
      last_sync_at: syncedAt === undefined ? null : syncedAt / 1000,
      next_sync_at: config.auto_sync && state.kind === "waiting" ? state.nextAt / 1000 : null,
    },
    mirror_mode: { active: false },
    modes: { ...none, smart: on },
  };
}

/** Paths per turn of the event loop. */
const pathsAtOnce = 1_000;

/** Counts runs on this machine, and all known artifacts, downloaded or not. */
async function countsOf({
  app: { syncs },
}: ApiServices): Promise<Pick<Status, "cached_experiments" | "experiments_left_out" | "cached_artifacts">> {
  const runs = await syncs.runs();
  const artifacts = new Set<string>();
  for (const { id } of await syncs.list()) {
    for await (const some of inTurns((await syncs.entries(id)).keys(), pathsAtOnce)) {
      for (const path of some) {
        if (!path.startsWith("artifacts/")) continue;
        const [, kind, name] = path.split("/");
        if (name !== undefined && !kind?.startsWith(".")) artifacts.add(`${id}/${kind}/${name}`);
      }
    }
  }
  return {
    cached_experiments: runs.length,
    experiments_left_out: await syncs.runsLeftOut(),
    cached_artifacts: artifacts.size,
  };
}
