import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import type { BrowserContext, Frame, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readToPage } from "../../../src/vscode/viewers/page.js";
import { until } from "../../support/until.js";
import { launchBrowser } from "../../support/vscode/chromium.js";

/* The page of a panel, as it is built, in a page of its own origin as in VS Code's, with a hostile viewer in its frame. */

let ours: Server;
let theirs: Server;
let profile: string;
let browser: BrowserContext;
let window: Page;
let panel: Frame;
let viewer: Frame;

const addressOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

async function serve(pageAt: (path: string) => readonly [type: string, text: string]): Promise<Server> {
  const server = createServer(({ url = "" }, response) => {
    const [type, text] = pageAt(url);
    response.setHeader("Content-Type", type).end(text);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

/** What VS Code keeps and hears of the page is kept where the test finds it. */
const vscodeApi = `
  window.states = [];
  window.told = [];
  window.acquireVsCodeApi = () => ({
    setState: (state) => window.states.push(state),
    postMessage: (message) => window.told.push(message),
  });`;

beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: ["webview-ui/main.ts"],
    bundle: true,
    format: "iife",
    write: false,
    alias: { "@vscode/webview-ui-toolkit": "@vscode/webview-ui-toolkit/dist/toolkit.js" },
  });
  const script = outputFiles[0]?.text ?? "";
  ours = await serve((path) => {
    if (path === "/webview.js") return ["text/javascript", script];
    const body =
      path === "/panel"
        ? `<script>${vscodeApi}</script><div id="page"></div><script src="webview.js"></script>`
        : `<iframe src="panel"></iframe>`;
    return ["text/html", `<!DOCTYPE html><title>VS Code</title>${body}`];
  });
  theirs = await serve(() => ["text/html", "<!DOCTYPE html><title>Runs</title><h1>Runs</h1>"]);
  profile = await mkdtemp(join(tmpdir(), "profile-"));
  browser = await launchBrowser({ profile });
  window = browser.pages()[0] as Page;
  await window.goto(addressOf(ours));
  panel = window.frames().find((frame) => frame.url().endsWith("/panel")) as Frame;
  await panel.waitForFunction("window.told?.length === 1");
  // As VS Code tells it, from around the page.
  const header = { text: "train", change: "Change…" };
  const page = { kind: "viewer", url: addressOf(theirs), title: "Runs", header };
  await tellFrom(window.mainFrame(), "frames[0]", [{ kind: "show", page, state: { sessionId: "own" } }]);
  await panel.locator("iframe").waitFor();
  await until("the viewer is shown", () =>
    Promise.resolve(window.frames().some((frame) => frame.url() === addressOf(theirs))),
  );
  viewer = window.frames().find((frame) => frame.url() === addressOf(theirs)) as Frame;
});
afterAll(async () => {
  await browser.close();
  for (const server of [ours, theirs]) {
    server.closeAllConnections();
    server.close();
  }
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
});

/** Sends messages from one frame to a window that it names. */
async function tellFrom(frame: Frame, to: string, messages: readonly unknown[]): Promise<void> {
  await frame.evaluate(`for (const message of ${JSON.stringify(messages)}) ${to}.postMessage(message, "*")`);
}

const notice = {
  title: "Your key is locked",
  message: "Your key is locked",
  advice: "",
  output: "",
  buttons: [{ id: "start-again", label: "Unlock the key" }],
};
/** What the page does when VS Code says it. */
const orders = [
  { kind: "ended", ...notice },
  { kind: "reconnecting", busy: false, ...notice },
  { kind: "waiting", message: notice.message, title: notice.title },
  {
    kind: "viewer",
    url: "http://127.0.0.1:9/",
    title: "another",
    header: { text: "train", change: "Change…" },
  },
].map((page) => ({ kind: "show", page, state: { sessionId: "../../forged" } }));
const reload = { kind: "reload", entrance: "http://127.0.0.1:9/" };

async function attack(from: Frame, to: string): Promise<void> {
  await panel.evaluate(`void (window.heardAll = new Promise((resolve) =>
    window.addEventListener("message", ({ data }) => data === "the last one" && resolve())))`);
  await tellFrom(from, to, [...orders, reload, "the last one"]);
  await panel.evaluate("window.heardAll");
}

async function expectNothingHappened(): Promise<void> {
  expect(await panel.locator("body").innerText()).not.toContain("key");
  expect(await panel.evaluate("window.states")).toEqual([{ sessionId: "own" }]);
  expect(await panel.evaluate("window.told")).toEqual([{ kind: "ready" }]);
  expect(await panel.locator("iframe").getAttribute("src")).toBe(addressOf(theirs));
  expect(viewer.isDetached()).toBe(false);
}

it("takes no orders from the viewer in its frame, however well formed", async () => {
  for (const order of [...orders, reload]) expect(readToPage(order)).toEqual(order);
  await attack(viewer, "parent");
  await expectNothingHappened();
});

it("accepts none from windows and frames of the viewer", async () => {
  await viewer.evaluate(`new Promise((resolve) => {
    const frame = document.createElement("iframe");
    frame.src = "/inner";
    frame.onload = resolve;
    document.body.append(frame);
  })`);
  const inner = window.frames().find((frame) => frame.url().endsWith("/inner")) as Frame;
  await attack(inner, "parent.parent");
  await expectNothingHappened();
  const [popup] = await Promise.all([browser.waitForEvent("page"), viewer.evaluate(`void open("/popup")`)]);
  await popup.waitForLoadState();
  if (await popup.evaluate("opener !== null")) await attack(popup.mainFrame(), "opener.parent");
  await popup.close();
  await expectNothingHappened();
});

it("neither navigates what is around it, nor reads the clipboard", async () => {
  await viewer.evaluate(`try { top.location.href = "about:blank" } catch {}`);
  expect(
    await viewer.evaluate(`navigator.clipboard?.readText().then(() => "read", () => "refused")`),
  ).not.toBe("read");
  expect(await panel.locator("iframe").getAttribute("allow")).toBe("clipboard-write");
  expect(window.url()).toBe(addressOf(ours));
  await expectNothingHappened();
});

it("does what VS Code says", async () => {
  await attack(window.mainFrame(), "frames[0]");
  expect(await panel.evaluate("window.states.length")).toBe(1 + orders.length);
});
