import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { until } from "../support/until.js";
import { paintSystem } from "./systemColours.js";
import type { Stage } from "../support/vscode/stage.js";
import type { Window } from "../support/vscode/window.js";
import type { Words } from "./words.js";

/** Colours: what a folder is called, and what the workbench is marked with. */
export const themes = [
  ["dark", "vs-dark"],
  ["light", "vs"],
  ["high-contrast", "hc-black"],
] as const;

export type ThemeName = (typeof themes)[number][0];

/** A view that could not be arranged or pictured. */
export interface Missed {
  readonly view: string;
  readonly reason: string;
}

export interface GalleryOptions {
  readonly stage: Stage;
  readonly words: Words;
  /** Where the pictures of this language go, one folder for each theme. */
  readonly folder: string;
  readonly themes: readonly ThemeName[];
  /** Which views are pictured; the others are arranged all the same. Default: all. */
  readonly wanted: (view: string) => boolean;
  /** Makes the window and the host usable again after a view that failed. */
  readonly tidy: () => Promise<void>;
}

/** Milliseconds for anything that the window does. */
const patience = 15_000;
/** Milliseconds until a picture is taken of what does not stand still. */
const stillLimit = 3_000;
/** Milliseconds between two pictures that are to be the same. */
const stillPause = 150;

/** Takes a picture of one view after the other, each in all colours. */
export class Gallery {
  readonly missed: Missed[] = [];
  readonly stage: Stage;
  readonly window: Window;
  readonly words: Words;
  private theme: ThemeName = "dark";

  constructor(private readonly options: GalleryOptions) {
    this.stage = options.stage;
    this.window = options.stage.window;
    this.words = options.words;
    this.window.page.setDefaultTimeout(patience);
  }

  /**
   * Arranges a view and pictures it. What fails is noted under its name, and the next one goes on.
   * @param isFleeting whether it has to be arranged anew in each colours: a card goes when what it belongs to changes
   */
  async view(name: string, arrange: () => Promise<unknown>, isFleeting = false): Promise<void> {
    try {
      if (!isFleeting) await arrange();
      if (this.options.wanted(name)) await this.shoot(name, isFleeting ? arrange : undefined);
    } catch (error) {
      await this.note(name, error);
    }
  }

  /** Does what leads from one view to the next. Where it fails, that is noted, and what needs it will say so too. */
  async step(name: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      await this.note(name, error);
    }
  }

  private async note(view: string, error: unknown): Promise<void> {
    const reason = (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
    console.log(`  ${this.words.language} ${view}: MISSED: ${reason}`);
    this.missed.push({ view: `${this.words.language} ${view}`, reason });
    const folder = join(this.options.folder, "missed");
    await mkdir(folder, { recursive: true });
    await this.window.screenshot(folder, view).catch(() => undefined);
    await this.options.tidy().catch(() => undefined);
  }

  private async shoot(name: string, arrange?: () => Promise<unknown>): Promise<void> {
    for (const theme of this.options.themes) {
      await this.paint(theme);
      await arrange?.();
      const folder = join(this.options.folder, theme);
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, `${name}.png`), await this.stillPicture());
    }
    await this.paint("dark");
    console.log(`  ${this.words.language} ${name}`);
  }

  /** Changes the colours as the system does when it changes its own, so that whatever is open stays open. */
  private async paint(name: ThemeName): Promise<void> {
    if (name === this.theme) return;
    const [, mark] = themes.find(([folder]) => folder === name)!;
    await paintSystem(this.window.page, name);
    await this.window.page.locator(`.monaco-workbench.${mark}`).waitFor();
    this.theme = name;
    const kind = name === "high-contrast" ? "vscode-high-contrast" : `vscode-${name}`;
    await until("the pages have the colours too", async () => {
      const pages = this.window.page.frames().filter((frame) => frame.url().includes("fake.html"));
      const classes = await Promise.all(
        pages.map((frame) => frame.evaluate<string>("document.body.className").catch(() => kind)),
      );
      return classes.every((shown) => shown === "" || shown.split(" ").includes(kind));
    });
  }

  /** What is moving, such as a colour that fades, comes to its end first. */
  private async stillPicture(): Promise<Buffer> {
    const { page } = this.window;
    const deadline = Date.now() + stillLimit;
    let last = await page.screenshot({ animations: "disabled" });
    for (;;) {
      await delay(stillPause);
      const next = await page.screenshot({ animations: "disabled" });
      if (next.equals(last) || Date.now() > deadline) return next;
      last = next;
    }
  }
}

/** The pictures of a folder, by their names without the ending. */
export async function readPicture(folder: string, theme: ThemeName, view: string): Promise<Buffer> {
  return readFile(join(folder, theme, `${view}.png`));
}
