import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { forDetailsPage } from "../../../scripts/detailsPage.mjs";
import { freePort } from "../ports.js";
import { type CodeServer, extensionFolderName } from "./installCodeServer.js";
import { quietSettings } from "./settings.js";

export interface ServerOptions {
  readonly codeServer: CodeServer;
  /** An empty folder for everything that the server writes. */
  readonly folder: string;
  /** The unpacked extension, when it is to be installed. */
  readonly extension?: string;
  /** Ids of extensions that do nothing and only are there. */
  readonly otherExtensions?: readonly string[];
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly restricted?: boolean;
  readonly development?: boolean;
  /** What the window's extensions speak, such as `zh-cn`; its own words stay English. Default: English. */
  readonly language?: string;
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
  const { restricted = false, development = false, language } = options;
  const userData = join(folder, "user-data");
  const extensions = join(folder, "extensions");
  await mkdir(join(userData, "User"), { recursive: true });
  await mkdir(extensions, { recursive: true });
  await writeFile(join(userData, "User", "settings.json"), JSON.stringify({ ...quietSettings, ...settings }));
  if (extension !== undefined) await putExtension(extension, extensions);
  for (const id of options.otherExtensions ?? []) await putEmptyExtension(id, extensions);
  if (language !== undefined) await putLanguage(language, userData, extensions);
  const port = await freePort();
  const log = join(folder, "server.log");
  const output = openSync(log, "w");
  // Without the question at the start, a folder is in restricted mode.
  const trust = restricted ? [] : ["--disable-workspace-trust"];
  // Without it, the address of a window cannot name an extension under development.
  const payload = development ? ["--vscode-option", "enable-smoke-test-driver"] : [];
  const spoken = language === undefined ? [] : ["--locale", language];
  const parameters = [...flags(port, folder, userData, extensions), ...trust, ...payload, ...spoken];
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
  const parts = ["dist", "l10n", "media", "docs", "SECURITY.md", "CHANGELOG.md"];
  parts.push("package.json", "package.nls.json", "package.nls.zh-cn.json");
  for (const part of parts) await cp(join(extension, part), join(folder, part), { recursive: true });
  const readme = await readFile(join(extension, "README.md"), "utf8");
  await writeFile(join(folder, "README.md"), forDetailsPage(readme));
  await writeFile(join(folder, "OVERVIEW.md"), readme);
}

/**
 * What an installed language pack leaves there, without a text of its own: VS Code falls back to English for each. Where it
 * finds no such extension, it looks for one in its gallery, and shows no extension at all meanwhile.
 */
async function putLanguage(language: string, userData: string, extensions: string): Promise<void> {
  const name = `vscode-language-pack-${language}`;
  const folder = join(extensions, `runicorn-test.${name}-1.0.0`);
  const file = join(folder, "texts.json");
  const identifier = { id: `runicorn-test.${name}` };
  const pack = {
    ...{ hash: language, label: language, translations: { vscode: file } },
    extensions: [{ extensionIdentifier: identifier, version: "1.0.0" }],
  };
  const localization = {
    ...{ languageId: language, languageName: language, localizedLanguageName: language },
    translations: [{ id: "vscode", path: "./texts.json" }],
  };
  const manifest = { publisher: "runicorn-test", name, version: "1.0.0", engines: { vscode: "^1.80.0" } };
  await mkdir(folder);
  await writeFile(
    join(folder, "package.json"),
    JSON.stringify({ ...manifest, contributes: { localizations: [localization] } }),
  );
  await writeFile(file, JSON.stringify({ version: "1.0.0", contents: {} }));
  await writeFile(join(userData, "languagepacks.json"), JSON.stringify({ [language]: pack }));
}

async function putEmptyExtension(id: string, extensions: string): Promise<void> {
  const [publisher, name] = id.split(".");
  const folder = join(extensions, `${id}-1.0.0`);
  await mkdir(folder);
  const manifest = { publisher, name, version: "1.0.0", engines: { vscode: "^1.80.0" }, main: "main.js" };
  await writeFile(join(folder, "package.json"), JSON.stringify({ ...manifest, activationEvents: [] }));
  await writeFile(join(folder, "main.js"), "exports.activate = () => {};");
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
