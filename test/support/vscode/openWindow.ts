import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { launchBrowser } from "./chromium.js";
import { commandsRun } from "./commandsRun.js";
import { installCodeServer } from "./installCodeServer.js";
import { startServer } from "./server.js";
import { type VersionName, versions } from "./versions.js";
import { Window } from "./window.js";

export interface WindowOptions {
  readonly version: VersionName;
  /** Home folder of the person at the laptop; `~/.ssh` is read below it. */
  readonly home: string;
  /** Ids of extensions that do nothing and only are there. */
  readonly otherExtensions?: readonly string[];
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Environment of the extension host, beside HOME. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Opens its folder in restricted mode. Default: folders are trusted. */
  readonly restricted?: boolean;
  /** False where the window is told of the extension in another way. Default true. */
  readonly installExtension?: boolean;
  /** Lets the address of a window name an extension under development. Only in the newest version. Default false. */
  readonly development?: boolean;
  /** What the extension speaks, such as `zh-cn`; VS Code's own words stay English. Default: English. */
  readonly language?: string;
}

/** A VS Code that serves its window, with the extension as it was built. */
export interface VsCode {
  readonly url: string;
  /** The empty folder that its window opens. */
  readonly workspace: string;
  /** Everything that it writes. */
  readonly folder: string;
  /** Ends it, as quitting VS Code does. */
  dispose(): Promise<void>;
}

export async function startVsCode({
  version,
  home,
  environment,
  installExtension = true,
  ...options
}: WindowOptions): Promise<VsCode> {
  const codeServer = await installCodeServer(versions[version]);
  const folder = await mkdtemp(join(tmpdir(), "vscode-"));
  const workspace = join(folder, "project");
  await mkdir(workspace);
  const server = await startServer({
    codeServer,
    folder,
    ...(installExtension && { extension: process.cwd() }),
    environment: { HOME: home, SSH_AUTH_SOCK: "", ...environment },
    ...options,
  });
  return {
    url: server.url,
    workspace,
    folder,
    dispose: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

export interface OpenWindow {
  readonly window: Window;
  readonly vscode: VsCode;
  /** Closes the window and ends its VS Code. */
  dispose(): Promise<void>;
}

/** Opens a real VS Code window with the extension as it was built, on an empty folder. */
export async function openWindow(options: WindowOptions): Promise<OpenWindow> {
  const vscode = await startVsCode(options);
  const browser = await launchBrowser({ profile: join(vscode.folder, "profile") });
  const window = new Window(browser.pages()[0] as Page, vscode.url, () => commandsRun(vscode.folder));
  await window.open(vscode.workspace);
  return {
    window,
    vscode,
    dispose: async () => {
      await browser.close();
      await vscode.dispose();
    },
  };
}
