import type { App } from "../../app.js";
import { readSmallFile } from "../../runs/records/smallFile.js";
import type { Run } from "../../sync/runIndex/runs.js";

/**
 * All tags of a run, as its host has them now: a list of runs keeps the first ones, as they were when they were copied.
 * @throws Failure as `syncs.fetch` does.
 */
export async function tagsOnHost(
  { syncs }: Pick<App, "syncs">,
  run: Run,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const folder = await syncs.folderOfRun(run);
  const { place } = await syncs.fetch(run.syncId, `${folder}/meta.json`, { signal });
  const meta = await readSmallFile(place);
  const tags: unknown = meta.kind === "read" ? meta.value["tags"] : undefined;
  const all: readonly unknown[] = Array.isArray(tags) ? tags : [];
  return all.filter((tag) => typeof tag === "string" && tag !== "") as string[];
}
