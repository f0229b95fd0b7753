import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { writeSshConfig } from "../clientHome.js";
import { type HostHome, makeHostHome } from "../runicorn/hostHome.js";
import { sampleRuns } from "../runicorn/sampleRuns.js";
import { type Sshd, startSshd } from "../sshd.js";
import { openWindow, type WindowOptions } from "./openWindow.js";
import type { Window } from "./window.js";

/** A window, a laptop's home folder and a host `gpu` with environments and sample experiments. */
export interface Stage {
  readonly window: Window;
  readonly sshd: Sshd;
  readonly host: HostHome;
  readonly laptop: string;
  /** The folder that the window opens. */
  readonly workspace: string;
  /** Takes a picture for whoever wants to look; it is kept in `.cache/screenshots`. */
  picture(name: string, of?: Window): Promise<void>;
  /** Where the extension keeps its files: the path of one of them. */
  dataFile(name: string): string;
  /**
   * The commands of the extension that were run in its windows, by its log: ids, followed by " on an item" where an item of
   * a view was given to it.
   */
  commandsRun(): Promise<readonly string[]>;
  /** Writes these settings beside those of now, for a window that is loaded anew. */
  changeSettings(changes: Readonly<Record<string, unknown>>): Promise<void>;
  dispose(): Promise<void>;
}

const pictures = resolve(".cache", "screenshots");

/** SCREENSHOT_THEME: the name of a theme, for pictures in other colours. */
const theme = process.env["SCREENSHOT_THEME"];

export interface StageOptions extends Omit<WindowOptions, "home"> {
  /** The host takes this password and no key. */
  readonly password?: string;
}

/** Those that were set and not yet disposed of. */
export const stagesInUse: Set<Stage> = new Set();

export async function setStage({ password, ...options }: StageOptions): Promise<Stage> {
  const host = await makeHostHome();
  await sampleRuns(host.root, join(host.home, "venvs", "train"), host.home);
  const sshd = await startSshd({ home: host.home, ...(password !== undefined && { password }) });
  const laptop = await mkdtemp(join(tmpdir(), "laptop-"));
  const { port, user, identityFile } = sshd;
  const identity = password === undefined ? { identityFile } : {};
  await writeSshConfig(laptop, [{ alias: "gpu", port, user, ...identity }]);
  const settings = { ...(theme && { "workbench.colorTheme": theme }), ...options.settings };
  const { window, vscode, dispose } = await openWindow({ ...options, settings, home: laptop });
  await mkdir(pictures, { recursive: true });
  const stage: Stage = {
    window,
    sshd,
    host,
    laptop,
    workspace: vscode.workspace,
    picture: (name, of = window) =>
      of.screenshot(pictures, `${options.version}-${name}${theme ? `-${theme}` : ""}`),
    dataFile: (name) =>
      join(vscode.folder, "user-data", "User", "globalStorage", "runicorn.runicorn-remote", name),
    commandsRun: async () => {
      const logs = join(vscode.folder, "user-data", "logs");
      const files = (await readdir(logs, { recursive: true })).filter((file) =>
        /Runicorn Remote\.log$/.test(file),
      );
      const texts = await Promise.all(files.map((file) => readFile(join(logs, file), "utf8")));
      return texts.flatMap((text) =>
        [...text.matchAll(/ command (runicorn\..*)$/gm)].map(([, id = ""]) => id),
      );
    },
    changeSettings: async (changes) => {
      const file = join(vscode.folder, "user-data", "User", "settings.json");
      const now = JSON.parse(await readFile(file, "utf8")) as Record<string, unknown>;
      await writeFile(file, JSON.stringify({ ...now, ...changes }));
    },
    dispose: async () => {
      stagesInUse.delete(stage);
      await dispose();
      await sshd.stop();
      await host.dispose();
      await rm(laptop, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  stagesInUse.add(stage);
  return stage;
}
