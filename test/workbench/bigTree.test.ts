import { mkdir, mkdtemp, rm } from "node:fs/promises";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  bigTree,
  startSilentServer,
  writeBigTree,
  writeBigTreeConfig,
  writeConnections,
} from "../support/bigTree/bigTree.js";
import { listenToTree, type TreeListener } from "../support/bigTree/treeTraffic.js";
import { until } from "../support/until.js";
import { type OpenWindow, openWindow } from "../support/vscode/openWindow.js";

const pane = '.pane:has(.pane-header[aria-label^="Connections"])';
const tree = bigTree(1_000, 500);
const pictures = resolve(".cache", "screenshots");

/** Notes the rows of the tree whose content is drawn in the window. Attributes of others are set whenever one row is. */
const watchRows = `
  globalThis.drawnRows = new Set();
  globalThis.rowWatch?.disconnect();
  globalThis.rowWatch = new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes)
      for (const node of [target, ...addedNodes]) {
        const row = (node instanceof Element ? node : node.parentElement)?.closest(".monaco-list-row");
        if (row) drawnRows.add(row.getAttribute("data-index"));
      }
  });
  rowWatch.observe(document.querySelector(${JSON.stringify(`${pane} .monaco-list-rows`)}), {
    subtree: true, childList: true, characterData: true,
  });
`;

/** 1,000 hosts that are kept, and 500 viewers of an earlier window on a tenth of them. The tests build on one another. */
describe("a tree of many hosts and viewers", () => {
  let open: OpenWindow;
  let server: Server;
  let laptop: string;
  let dataFolder: string;
  let traffic: TreeListener;
  let shown = tree.connections;
  beforeAll(async () => {
    server = await startSilentServer();
    laptop = await mkdtemp(join(tmpdir(), "laptop-"));
    await writeBigTreeConfig(laptop, server);
    open = await openWindow({
      version: "newest",
      home: laptop,
      settings: { "workbench.hover.delay": 100, "runicorn.glance.rowSeconds": 0 },
    });
    const { window, vscode } = open;
    dataFolder = join(vscode.folder, "user-data", "User", "globalStorage", "runicorn.runicorn-remote");
    await writeBigTree(dataFolder, tree);
    await mkdir(pictures, { recursive: true });
    traffic = listenToTree(window.page, "runicorn.connections");
    await window.reload();
    await window.statusBarItem("runicorn.runicorn-remote.runicorn.status").waitFor();
  });
  afterAll(async () => {
    await open.dispose();
    server.close();
    await rm(laptop, { recursive: true, force: true, maxRetries: 5 });
  });

  const row = (label: string | RegExp): Locator => open.window.treeItem("Connections", label);
  const status = (): Locator => open.window.statusBarItem("runicorn.runicorn-remote.runicorn.status");
  const hover = (): Locator => open.window.page.locator(".monaco-hover:visible .hover-contents");
  /** Nothing was told of the tree, and nothing of it was drawn, for half a second. */
  const atRest = (): Promise<void> =>
    until("the tree is at rest", async () => {
      traffic.reset();
      await open.window.page.evaluate(watchRows);
      await open.window.page.evaluate("new Promise((resolve) => setTimeout(resolve, 500))");
      return traffic.now.refreshes === 0 && (await drawnRows()).length === 0;
    });
  const rename = async (from: string, to: string): Promise<void> => {
    shown = shown.map((one) => (one.name === from ? { ...one, name: to } : one));
    await writeConnections(dataFolder, shown);
  };
  const drawnRows = (): Promise<string[]> => open.window.page.evaluate("[...drawnRows]");
  const place = async (): Promise<object> => ({
    top: await open.window.page.locator(`${pane} .monaco-list-rows`).getAttribute("style"),
    selected: await open.window.page.locator(`${pane} .monaco-list-row.selected`).allInnerTexts(),
    focused: await open.window.page.locator(`${pane} .monaco-list-row.focused`).allInnerTexts(),
  });

  it("shows them all, and asks for no tooltip", async () => {
    // A host that is drawn with its viewers is opened.
    await until("all viewers are back", async () => (await status().innerText()).includes("100 hosts"));
    await open.window.showSideBar("Runicorn Remote");
    await row("host-0000").waitFor();
    // This machine is there too.
    expect(await row("host-0000").getAttribute("aria-setsize")).toBe("1001");
    await row(/^runs-0\s*reconnecting/).waitFor();
    expect(traffic.tooltips).toEqual([]);
  });

  it("says the same of a host in its row and in the status bar", async () => {
    expect(await status().getAttribute("aria-label")).toContain("reconnecting…");
    expect(await row("host-0000").innerText()).toContain("reconnecting…");
    expect(await row("host-0001").innerText()).toContain("not connected");
  });

  it("draws the row of a host that changes anew, and no other; place, selection and focus stay", async () => {
    const { window } = open;
    await row("host-0003").hover();
    await window.page.mouse.wheel(0, 66);
    await window.selectTreeItems("Connections", ["host-0005"]);
    await window.page.mouse.move(700, 300);
    await atRest();
    const before = await place();
    const index = await row("host-0007").getAttribute("data-index");
    await rename("host-0007", "renamed");
    await row("renamed").waitFor();
    expect(traffic.now).toMatchObject({ refreshes: 1, asked: [] });
    expect(traffic.now.rows).toHaveLength(1);
    expect(await drawnRows()).toEqual([index]);
    expect(await place()).toEqual(before);
    expect(before).toMatchObject({ selected: [expect.stringContaining("host-0005")] });
  });

  it("asks for the tooltip of the row that is pointed at", async () => {
    const { window } = open;
    const before = traffic.tooltips.length;
    await row("renamed").hover();
    await hover().filter({ hasText: "last opened: /data/runs" }).waitFor();
    expect(await hover().innerText()).toContain("Open Last Viewer");
    expect(traffic.tooltips).toHaveLength(before + 1);
    await window.page.mouse.wheel(0, -1_000);
    await row(/^runs-1\s*reconnecting/).hover();
    await hover().filter({ hasText: "/data/runs-1" }).waitFor();
    await window.screenshot(pictures, "tree-tooltip");
  });

  it("draws a row anew whose tooltip would say something else than it has said, and no other", async () => {
    await open.window.page.mouse.move(700, 300);
    await hover().waitFor({ state: "hidden" });
    await atRest();
    shown = shown.map((one) => ({ ...one, root: "/new" }));
    await writeConnections(dataFolder, shown);
    await until("the window is told", () => traffic.now.refreshes > 0);
    const pointedAt = new Set(traffic.tooltips.filter((handle) => handle.includes("/connection:")));
    expect(new Set(traffic.now.rows)).toEqual(pointedAt);
    await row("host-0003").hover();
    await open.window.page.mouse.wheel(0, 66);
    await row("renamed").hover();
    await hover().filter({ hasText: "last opened: /new" }).waitFor();
  });
});
