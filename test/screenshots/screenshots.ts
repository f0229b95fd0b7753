// Run by run.mjs, which says how.
import { mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { writeContactSheet } from "./contactSheet.js";
import { writeDocsPictures } from "./docsPictures.js";
import { Gallery, type GalleryOptions, type Missed, type ThemeName, themes } from "./gallery.js";
import { setScene } from "./place.js";
import { firstTime } from "./scenes/firstTime.js";
import { pages } from "./scenes/pages.js";
import { relay } from "./scenes/relay.js";
import { runs } from "./scenes/runs.js";
import { slurm } from "./scenes/slurm.js";
import { troubles } from "./scenes/troubles.js";
import { wordsOf } from "./words.js";

const folder = resolve(".cache", "screenshots");
const scenes = { firstTime, runs, pages, troubles, relay, slurm };
type SceneName = keyof typeof scenes;

process.exitCode = await main();

async function main(): Promise<number> {
  const option = { type: "string", multiple: true } as const;
  const { values } = parseArgs({
    options: { language: option, theme: option, scene: option, view: option, docs: { type: "boolean" } },
  });
  const languages = values.language ?? ["en"];
  const names = (values.scene ?? Object.keys(scenes)) as SceneName[];
  const shownThemes = (values.theme ?? themes.map(([name]) => name)) as ThemeName[];
  const patterns = values.view?.map((glob) => new RegExp(`^${glob.replaceAll("*", ".*")}$`));
  const wanted = (view: string): boolean => patterns?.some((pattern) => pattern.test(view)) ?? true;
  if (values.docs) {
    for (const language of languages)
      await writeDocsPictures(join(folder, language), resolve("docs", "images", language));
    return 0;
  }
  const missed: Missed[] = [];
  for (const language of languages) {
    const own = join(folder, language);
    await mkdir(own, { recursive: true });
    await rm(join(own, "missed"), { recursive: true, force: true });
    console.log(`Opening VS Code in ${language}…`);
    try {
      missed.push(...(await picture(language, names, { folder: own, themes: shownThemes, wanted })));
    } catch (error) {
      missed.push({ view: `${language}: all`, reason: String(error) });
    }
  }
  await writeContactSheet(folder);
  for (const { view, reason } of missed) console.log(`Missed: ${view}: ${reason}`);
  console.log(`${missed.length} missed. The sheet of all pictures: ${join(folder, "index.html")}`);
  return missed.length > 0 ? 1 : 0;
}

/** One window. @returns what could not be pictured in it */
async function picture(
  language: string,
  names: readonly SceneName[],
  options: Pick<GalleryOptions, "folder" | "themes" | "wanted">,
): Promise<readonly Missed[]> {
  const { stage, tidy, dispose } = await setScene(language);
  try {
    const gallery = new Gallery({ stage, words: wordsOf(language), tidy, ...options });
    for (const name of names) await scenes[name](gallery);
    return gallery.missed;
  } finally {
    await dispose();
  }
}
