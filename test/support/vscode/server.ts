import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "../ports.js";
import { type CodeServer, extensionFolderName } from "./installCodeServer.js";
import { quietSettings } from "./settings.js";

export interface ServerOptions {
  readonly codeServer: CodeServer;
  /** An empty folder for everything that the server writes. */
  readonly folder: string;
  /** The unpacked extension, when it is to be installed. */
  readonly extension?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly restricted?: boolean;
  readonly development?: boolean;
}

/** A VS Code whose window is a web page. */
export interface Server {
  /** `localhost` and not 127.0.0.1, so that a viewer's `<port>.localhost` belongs to the same machine for Chromium. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Milliseconds for an orderly end. */
const stopLimit = 5_000;

export async function startServer(options: ServerOptions): Promise<Server> {
  const { codeServer, folder, extension, settings = {}, environment = {} } = options;
  const { restricted = false, development = false } = options;
  const userData = join(folder, "user-data");
  const extensions = join(folder, "extensions");
  await mkdir(join(userData, "User"), { recursive: true });
  await mkdir(extensions, { recursive: true });
  await writeFile(join(userData, "User", "settings.json"), JSON.stringify({ ...quietSettings, ...settings }));
  if (extension !== undefined) await putExtension(extension, extensions);
  const port = await freePort();
  const log = join(folder, "server.log");
  const output = openSync(log, "w");
  // Without the question at the start, a folder is in restricted mode.
  const trust = restricted ? [] : ["--disable-workspace-trust"];
  // Without it, the address of a window cannot name an extension under development.
  const payload = development ? ["--vscode-option", "enable-smoke-test-driver"] : [];
  const parameters = [...flags(port, folder, userData, extensions), ...trust, ...payload];
  const child = spawn(codeServer.node, [codeServer.entry, ...parameters], {
    detached: true,
    stdio: ["ignore", output, output],
    env: { ...ownEnvironment(), EXTENSIONS_GALLERY: noGallery, ...environment },
  });
  const exited = once(child, "exit");
  const url = `http://localhost:${port}`;
  while (!(await answers(`${url}/healthz`))) {
    if (child.exitCode !== null) throw new Error(`VS Code did not start: ${await readFile(log, "utf8")}`);
    await delay(50);
  }
  return {
    url,
    stop: async () => {
      const group = -(child.pid ?? 0);
      process.kill(group, "SIGTERM");
      const late = setTimeout(() => process.kill(group, "SIGKILL"), stopLimit);
      await exited;
      clearTimeout(late);
    },
  };
}

/** What a VSIX would put there. A copy, for VS Code writes into the package.json of what it has installed. */
async function putExtension(extension: string, extensions: string): Promise<void> {
  const folder = join(extensions, extensionFolderName(extension));
  const parts = ["dist", "l10n", "media", "package.json", "package.nls.json", "package.nls.zh-cn.json"];
  for (const part of parts) await cp(join(extension, part), join(folder, part), { recursive: true });
}

function flags(port: number, folder: string, userData: string, extensions: string): string[] {
  return [
    ...["--auth", "none", "--bind-addr", `127.0.0.1:${port}`, "--config", join(folder, "config.yaml")],
    // Gives every local port an origin of its own, as desktop VS Code does: a viewer's page has absolute paths.
    ...["--proxy-domain", `localhost:${port}`],
    ...["--user-data-dir", userData, "--extensions-dir", extensions],
    ...["--disable-telemetry", "--disable-update-check"],
    ...["--disable-getting-started-override", "--ignore-last-opened"],
  ];
}

const noGallery = JSON.stringify({
  serviceUrl: "",
  itemUrl: "",
  resourceUrlTemplate: "",
  extensionUrlTemplate: "",
});

/** Without what a VS Code around us, or npm, would say to the new one. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const isForeign = (name: string): boolean => /^(VSCODE_|CODE_SERVER_|ELECTRON_|npm_)/.test(name);
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isForeign(name)));
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}
