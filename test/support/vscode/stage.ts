import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { writeSshConfig } from "../clientHome.js";
import { type HostHome, makeHostHome } from "../runicorn/hostHome.js";
import { sampleRuns } from "../runicorn/sampleRuns.js";
import { type Sshd, startSshd } from "../sshd.js";
import { commandsRun } from "./commandsRun.js";
import { openWindow, type WindowOptions } from "./openWindow.js";
import type { Window } from "./window.js";

/** A window and the home folder of the machine that it is on. */
export interface Scene {
  readonly window: Window;
  readonly laptop: string;
  /** The folder that the window opens. */
  readonly workspace: string;
  /** Takes a picture for whoever wants to look; it is kept in `.cache/screenshots`. */
  picture(name: string, of?: Window): Promise<void>;
  /** Where the extension keeps its files: the path of one of them. */
  dataFile(name: string): string;
  /** See `commandsRun.ts`. */
  commandsRun(): Promise<readonly string[]>;
  /** Writes these settings beside those of now, for a window that is loaded anew. */
  changeSettings(changes: Readonly<Record<string, unknown>>): Promise<void>;
  dispose(): Promise<void>;
}

/** A laptop's window, and a host `gpu` with environments and sample experiments. */
export interface Stage extends Scene {
  readonly sshd: Sshd;
  readonly host: HostHome;
}

const pictures = resolve(".cache", "screenshots");

/** SCREENSHOT_THEME: the name of a theme, for pictures in other colours. */
const theme = process.env["SCREENSHOT_THEME"];

export interface StageOptions extends Omit<WindowOptions, "home"> {
  /** The host takes this password and no key. */
  readonly password?: string;
  /** The host has two environments with Runicorn, so that a person is asked for one. Default: one. */
  readonly severalEnvironments?: boolean;
  /** Environment of the host's commands. */
  readonly hostEnvironment?: Readonly<Record<string, string>>;
  /** Where the host's commands find programs, by its home folder. Default: the usual folders. */
  readonly hostPath?: (home: string) => string;
  /** Writes more runs while the window opens. */
  readonly moreRuns?: (host: HostHome) => Promise<void>;
}

/** Those that were set and not yet disposed of. */
export const stagesInUse: Set<Scene> = new Set();

export async function setStage({
  password,
  hostPath,
  hostEnvironment = {},
  moreRuns,
  severalEnvironments = false,
  ...options
}: StageOptions): Promise<Stage> {
  const host = await makeHostHome(severalEnvironments);
  const sshd = await startSshd({
    home: host.home,
    environment: hostEnvironment,
    ...(password !== undefined && { password }),
    ...(hostPath && { path: hostPath(host.home) }),
  });
  const laptop = await mkdtemp(join(tmpdir(), "laptop-"));
  const { port, user, identityFile } = sshd;
  const identity = password === undefined ? { identityFile } : {};
  await writeSshConfig(laptop, [{ alias: "gpu", port, user, ...identity }]);
  const writeRuns = async (): Promise<void> => {
    await sampleRuns(host.root, join(host.home, "venvs", "train"), host.home);
    await moreRuns?.(host);
  };
  // Runicorn takes some seconds to write runs, and waits for most of them.
  const [scene] = await Promise.all([setScene({ ...options, home: laptop }), writeRuns()]);
  return {
    ...scene,
    sshd,
    host,
    dispose: async () => {
      await scene.dispose();
      await sshd.stop();
      await host.dispose();
      await rm(laptop, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** A window alone, of somebody whose home folder this is. */
export async function setScene(options: WindowOptions): Promise<Scene> {
  const settings = { ...(theme && { "workbench.colorTheme": theme }), ...options.settings };
  const { window, vscode, dispose } = await openWindow({ ...options, settings });
  await mkdir(pictures, { recursive: true });
  const scene: Scene = {
    window,
    laptop: options.home,
    workspace: vscode.workspace,
    picture: (name, of = window) =>
      of.screenshot(pictures, `${options.version}-${name}${theme ? `-${theme}` : ""}`),
    dataFile: (name) =>
      join(vscode.folder, "user-data", "User", "globalStorage", "runicorn.runicorn-remote", name),
    commandsRun: () => commandsRun(vscode.folder),
    changeSettings: async (changes) => {
      const file = join(vscode.folder, "user-data", "User", "settings.json");
      const now = JSON.parse(await readFile(file, "utf8")) as Record<string, unknown>;
      await writeFile(file, JSON.stringify({ ...now, ...changes }));
    },
    dispose: async () => {
      stagesInUse.delete(scene);
      await dispose();
    },
  };
  stagesInUse.add(scene);
  return scene;
}
