import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Page } from "playwright-core";
import { launchBrowser } from "./chromium.js";
import { startVsCode } from "./openWindow.js";
import type { VersionName } from "./versions.js";

/*
 * Runs a test program inside the extension host. Environment: VSCODE_VERSION (oldest or newest). Everything else comes as
 * arguments, as desktop VS Code takes them.
 */

/** Milliseconds for a whole run. */
const limit = 180_000;

const option = (name: string): string => {
  const prefix = `--${name}=`;
  const given = process.argv.find((argument) => argument.startsWith(prefix));
  if (given === undefined) throw new Error(`missing ${prefix}…`);
  return given.slice(prefix.length);
};

/** Code of the page: what is read from the window's configuration gains the options. */
const amendConfiguration = `(developmentOptions) => {
  if (window !== window.top) return;
  const original = Element.prototype.getAttribute;
  Element.prototype.getAttribute = function (name) {
    const value = original.call(this, name);
    if (name !== "data-settings" || this.id !== "vscode-workbench-web-configuration") return value;
    return JSON.stringify({ ...JSON.parse(value), developmentOptions });
  };
}`;

process.exitCode = await main();

async function main(): Promise<number> {
  const version = (process.env["VSCODE_VERSION"] ?? "newest") as VersionName;
  const home = await mkdtemp(join(tmpdir(), "vscode-home-"));
  const forwarded = Object.entries(process.env).filter(([name]) => name.startsWith("TEST_"));
  const vscode = await startVsCode({
    version,
    home,
    environment: Object.fromEntries(forwarded) as Record<string, string>,
    installExtension: false,
  });
  const browser = await launchBrowser({ profile: join(vscode.folder, "profile") });
  try {
    const page = browser.pages()[0] as Page;
    let done: (status: number) => void = () => undefined;
    const ended = new Promise<number>((resolve) => (done = resolve));
    await page.exposeFunction("codeAutomationExit", (status: number) => done(status));
    await page.exposeFunction("codeAutomationLog", (_type: string, args: unknown[]) => print(args));
    await develop(page, vscode.url, option("extensionDevelopmentPath"), option("extensionTestsPath"));
    await page.goto(`${vscode.url}/?folder=${encodeURIComponent(vscode.workspace)}`);
    const late = setTimeout(() => done(1), limit);
    const status = await ended;
    clearTimeout(late);
    return status;
  } finally {
    await browser.close();
    await vscode.dispose();
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The window's configuration names the extension under development and the tests, as `code` would. */
async function develop(page: Page, url: string, extension: string, tests: string): Promise<void> {
  const uri = (path: string): object => ({
    $mid: 1,
    scheme: "vscode-remote",
    authority: new URL(url).host,
    path: resolve(path),
  });
  const developmentOptions = { extensions: [uri(extension)], extensionTestsPath: uri(tests) };
  await page.addInitScript(`(${amendConfiguration})(${JSON.stringify(developmentOptions)})`);
}

/** Only what the tests say: the workbench itself is talkative. */
function print(args: unknown[]): void {
  const [first] = args;
  if (typeof first === "string" && first.startsWith("[test] ")) console.log(first.slice("[test] ".length));
}
