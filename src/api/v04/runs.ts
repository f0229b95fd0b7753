import { join } from "node:path";
import * as z from "zod";
import type { Run } from "../../sync/runIndex/runs.js";
import { type ApiRoute, route } from "../http/route.js";

const seconds = z.number().nullable().meta({ description: "seconds since the epoch" });
const runShape = z
  .object({
    id: z.string(),
    run_dir: z.string(),
    created_time: seconds,
    start_time: seconds,
    status: z.string(),
    pid: z.number().nullable(),
    best_metric_name: z.string().nullable(),
    best_metric_value: z.number().nullable(),
    summary: z.record(z.string(), z.unknown()),
    is_shortened: z.boolean().meta({ description: "its files tell more than is kept of them" }),
    project: z.string(),
    name: z.string(),
    path: z.string(),
    alias: z.string().nullable(),
    tags: z.array(z.string()),
    assets_count: z.int(),
    artifacts_created_count: z.int(),
    artifacts_used_count: z.int(),
    silent_since: seconds.meta({ description: "it says that it is running, and wrote last then" }),
    damaged_files: z.array(z.string()).meta({ description: "of the host, which could not be read" }),
  })
  .meta({ title: "Run" });

const deletedShape = z
  .object({
    id: z.string(),
    path: z.string(),
    alias: z.string().nullable(),
    created_time: seconds,
    original_status: z.string(),
    run_dir: z.string(),
  })
  .meta({ title: "DeletedRun" });

export const runRoutes: readonly ApiRoute[] = [
  route(
    {
      method: "GET",
      path: "/api/runs",
      summary: "List the synchronised runs, without those that were deleted in Runicorn",
      answer: z.array(runShape),
    },
    async (_, { app: { syncs } }) => {
      const runs = await syncs.runs();
      return runs.map((run) => shapeOf(run, syncs.folder(run.syncId)));
    },
  ),
  route(
    {
      method: "GET",
      path: "/api/runs/kept",
      summary: "List the synchronised runs that are gone from the host, and kept on this machine",
      answer: z.array(runShape),
    },
    async (_, { app: { syncs } }) => {
      const runs = await syncs.keptRuns();
      return runs.map((run) => shapeOf(run, syncs.folder(run.syncId)));
    },
  ),
  route(
    {
      method: "GET",
      path: "/api/recycle-bin",
      summary: "List the synchronised runs that were deleted in Runicorn, for as long as it keeps them",
      answer: z.object({ deleted_runs: z.array(deletedShape) }),
    },
    async (_, { app: { syncs } }) => {
      const deleted = (await syncs.deletedRuns()).map((run) => ({
        id: run.id,
        path: run.path,
        alias: run.alias ?? null,
        created_time: run.createdAt ?? null,
        original_status: run.status,
        run_dir: join(syncs.folder(run.syncId), run.folder),
      }));
      return { deleted_runs: deleted };
    },
  ),
];

/** A run on this machine, with the fields of old and new clients. */
function shapeOf(run: Run, folder: string): z.infer<typeof runShape> {
  return {
    id: run.id,
    run_dir: join(folder, run.folder),
    created_time: run.createdAt ?? null,
    start_time: run.startedAt ?? null,
    status: run.status,
    pid: run.pid ?? null,
    best_metric_name: run.bestMetric?.name ?? null,
    best_metric_value: run.bestMetric?.value ?? null,
    summary: JSON.parse(run.summary) as Record<string, unknown>,
    is_shortened: run.isShortened,
    project: run.project,
    name: run.name,
    path: run.path,
    alias: run.alias ?? null,
    tags: [...run.tags],
    assets_count: run.assetsCount,
    artifacts_created_count: run.artifactsCreatedCount,
    artifacts_used_count: run.artifactsUsedCount,
    silent_since: run.sign?.kind === "silent" ? run.sign.since : null,
    damaged_files: [...run.damaged],
  };
}
