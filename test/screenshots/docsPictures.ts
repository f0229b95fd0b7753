import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { animate, cut } from "./animation.js";
import { readPicture } from "./gallery.js";

/** The main job, by its views, and how many milliseconds each stands. */
const mainJob = [
  ["tree-empty", 1_800],
  ["host-key", 3_000],
  ["environments", 2_000],
  ["steps", 1_800],
  ["viewer", 3_500],
] as const;

/** Where an editor stands in the window, without what is below it: the page alone is shown of other views. */
const editor = { x: 352, y: 40, width: 924, height: 460 };
const pageViews = ["glance"] as const;

/** Writes the pictures of the documents in one language anew. @param pictures where the gallery of it lies */
export async function writeDocsPictures(pictures: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const moments = await Promise.all(
    mainJob.map(async ([view, milliseconds]) => ({
      png: await readPicture(pictures, "dark", view),
      milliseconds,
    })),
  );
  await writeFile(join(folder, "main-job.png"), await animate(moments));
  for (const view of pageViews)
    await writeFile(
      join(folder, `${view}.png`),
      await cut(await readPicture(pictures, "dark", view), editor),
    );
}
