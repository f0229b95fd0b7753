import type { App } from "../../app.js";
import { readSmallFile } from "../../runs/records/smallFile.js";
import type { Run } from "../../sync/runIndex/runs.js";

/**
 * All current tags of a run on its host: lists of runs only have the first ones, as of the last sync.
 * @throws Failure like `syncs.fetch`.
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
