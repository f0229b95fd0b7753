import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { viewersIn, viewerPidsIn } from "../support/processes.js";
import type { HostHome } from "../support/runicorn/hostHome.js";
import { makeKey } from "../support/sshd.js";
import { until } from "../support/until.js";
import * as mainJob from "../support/vscode/mainJob.js";
import { picturesInThemes } from "../support/vscode/picturesInThemes.js";
import type { Window } from "../support/vscode/window.js";
import { windowTest } from "../support/vscode/windowTest.js";

const statusId = "runicorn.runicorn-remote.runicorn.status";

/** What no other test chooses, in one window. The tests build on one another. */
describe("a command", () => {
  /** To the viewer of the host. */
  let link: string;
  const it = windowTest({
    version: "newest",
    prepare: ({ window }) => window.showSideBar("Runicorn Remote"),
  });

  const chooseOnHost = (window: Window, action: string): Promise<void> =>
    window.chooseOnTreeItem("Connections", /^gpu/, action);
  const chooseOnViewer = (window: Window, action: string): Promise<void> =>
    window.chooseOnTreeItem("Connections", /running|reconnecting/, action);
  const follow = async (window: Window, link: string): Promise<void> => {
    await window.command("Developer: Open URL");
    await window.type(link);
    // VS Code's own question, until it is told to trust the extension.
    await window.dialog("open this URI").or(window.dialog("link")).first().waitFor();
    if (await window.dialog("open this URI").isVisible()) await window.answerDialog("Open");
  };
  const aRun = async (host: HostHome): Promise<string> =>
    (await readdir(join(host.root, "runs/vision/resnet50-cifar10")))[0] ?? "";

  it("shows the log, and makes a token for the local API", async ({ window, clipboard }) => {
    await window.command("Runicorn: Show Runicorn Remote Log");
    await window.outputLine("command runicorn.showLog").first().waitFor();
    await window.command("Runicorn: Local API Token…");
    await window.waitForQuickInput("Local API Token");
    await window.pick("Create a New Token and Copy It");
    await until("it is copied", async () => (await clipboard()).length >= 32);
  });

  it("opens a document that is packed with the extension", async ({ window }) => {
    await window.command("Runicorn: Show Documentation…");
    await window.waitForQuickInput("Documentation");
    await window.pick("Security");
    await window.tabs.filter({ hasText: "SECURITY.md" }).waitFor();
    await window.page.locator(".view-line", { hasText: "Security" }).first().waitFor();
    await window.command("View: Close All Editors");
  });

  it("of VS Code opens the page of details, which has no picture that is not shown and no link to a file", async ({
    window,
  }) => {
    await window.command("Extensions: Show Installed Extensions");
    await window.page.locator(".extension-list-item", { hasText: "Runicorn Remote" }).first().click();
    const page = await window.panelText("Your runs train on a GPU server");
    const broken = "[...document.images].filter(({ naturalWidth }) => naturalWidth === 0).length";
    expect(await page.evaluate(broken)).toBe(0);
    const links = await page.evaluate<readonly string[]>(
      "[...document.links].map((link) => link.getAttribute('href'))",
    );
    expect(links.filter((link) => !/^(https:|#)/.test(link))).toEqual([]);
    await window.command("View: Close All Editors");
    await window.showSideBar("Runicorn Remote");
  });

  it("connects and opens a viewer from the menu of a host", async ({ window, host }) => {
    await mainJob.chooseNewHost(window, "gpu");
    await mainJob.waitForViewer(window, "resnet50-cifar10");
    await window.command("Runicorn: Disconnect from Host");
    await window.answerDialog("Stop and Disconnect");
    await window.treeItem("Connections", /^gpu\s*not connected/).waitFor();
    await window.command("View: Close All Editors");
    await chooseOnHost(window, "Connect to Host…");
    await mainJob.closeRunicornSettings(await mainJob.waitForViewer(window, "resnet50-cifar10"));
    await window.command("View: Close All Editors");
    await chooseOnHost(window, "Open Viewer With…");
    await mainJob.waitForEnvironments(window, "train");
    await window.pick("train");
    await mainJob.chooseRoot(window);
    // The very same one runs: it is shown, and no second one is started.
    await mainJob.waitForViewer(window, "resnet50-cifar10");
    expect(await viewerPidsIn(host.home)).toHaveLength(1);
    await window.command("View: Close All Editors");
    await chooseOnHost(window, "Open Last Viewer");
    await mainJob.waitForViewer(window, "resnet50-cifar10");
  });

  it("refreshes a view, and offers what can be done from the status bar", async ({ window }) => {
    await window.page.locator('.pane-header[aria-label^="Connections"]').hover();
    await window.page
      .locator('.pane-header[aria-label^="Connections"] .action-label[aria-label="Refresh View"]')
      .click();
    await window.statusBarItem(statusId).click();
    await window.waitForQuickInput("Runicorn Remote");
    await window.row("Disconnect…").waitFor();
    await window.page.keyboard.press("Escape");
  });

  it("of a viewer's menu shows it, its address and its log", async ({ window, clipboard }) => {
    await window.command("View: Close All Editors");
    await chooseOnViewer(window, "Show Viewer");
    await mainJob.waitForViewer(window, "resnet50-cifar10");
    await chooseOnViewer(window, "Copy Viewer URL");
    await until("it is copied", async () => (await clipboard()).includes("runicorn-ticket="));
    const opened = window.page.context().waitForEvent("page");
    await chooseOnViewer(window, "Open Viewer in Browser");
    const tab = await opened;
    await tab.getByText("resnet50-cifar10").locator("visible=true").first().waitFor();
    await tab.close();
    await window.page.bringToFront();
    await chooseOnViewer(window, "Show Viewer Log");
    await window.outputLine("Uvicorn running").first().waitFor();
  });

  it("of a viewer's menu restarts it, keeps it, and reconnects to it", async ({ stage }) => {
    const { window, host, sshd } = stage;
    const [before] = await viewerPidsIn(host.home);
    await chooseOnViewer(window, "Restart Viewer");
    await until("another one runs", async () => {
      const all = await viewerPidsIn(host.home);
      return all.length === 1 && all[0] !== before;
    });
    await window.treeItem("Connections", "running").waitFor();
    await chooseOnViewer(window, "Keep Viewer Running");
    await window.notification("keeps running after VS Code closes").waitFor();
    await window.treeItem("Connections", "running, kept").waitFor();
    await picturesInThemes(stage, "viewer-kept");
    await chooseOnViewer(window, "Don't Keep Viewer Running");
    await window.notification("ends after VS Code closes").waitFor();
    await window.treeItem("Connections", "running, kept").waitFor({ state: "hidden" });
    await sshd.halt();
    await window.treeItem("Connections", /reconnecting/).waitFor();
    await window.pressOnTreeItem("Connections", /^runs/, "Reconnect Viewer");
    await sshd.resume();
    await window.treeItem("Connections", "running").waitFor();
  });

  it("copies a link to a viewer, which starts nothing before a person agrees", async ({
    stage,
    clipboard,
  }) => {
    const { window, host } = stage;
    await chooseOnViewer(window, "Copy Link to Viewer");
    await until("it is copied", async () => (await clipboard()).includes("/open?host=gpu&root="));
    link = await clipboard();
    await chooseOnViewer(window, "Stop Viewer");
    await until("no viewer on the host", async () => (await viewersIn(host.home)).length === 0);
    await window.command("View: Close All Editors");
    await follow(window, link.replace("host=gpu", "host=elsewhere.example"));
    await window.dialog("Open the viewer on elsewhere.example?").waitFor();
    await window.dialog("This host is not among your connections").waitFor();
    await stage.picture("link-unknown-host");
    // What Enter presses opens nothing.
    await window.page.keyboard.press("Enter");
    await window.dialog("elsewhere.example").waitFor({ state: "hidden" });
    await window.treeItem("Connections", "elsewhere.example").waitFor({ state: "hidden" });
    await follow(window, link);
    await window.dialog("Open the viewer on gpu?").getByText(`Folder: "${host.root}"`).waitFor();
    expect(await viewersIn(host.home)).toEqual([]);
    await window.answerDialog("Open Viewer");
    await mainJob.waitForViewer(window, "resnet50-cifar10");
    expect(await window.quickInput.isVisible()).toBe(false);
  });

  it("leads a link to a run to the page of that run in the viewer", async ({ window, host }) => {
    const run = await aRun(host);
    await follow(window, `${link}&run=${run}`);
    await window.dialog("Open the viewer on gpu?").getByText(`Run ${run}`).waitFor();
    await window.answerDialog("Open Viewer");
    await window.frame(new RegExp(`^http://\\d+\\.localhost:\\d+/runs/${run}`));
    expect(await viewerPidsIn(host.home)).toHaveLength(1);
  });

  it("diagnoses the host of an item", async ({ window }) => {
    await chooseOnHost(window, "Diagnose Connection…");
    await window.panelText("can be used: every step passed", 60_000);
    await window.command("View: Close All Editors");
  });

  it("shows known hosts, and copies and imports their keys", async ({ window, sshd, laptop, clipboard }) => {
    await writeFile(
      join(laptop, ".ssh", "known_hosts"),
      `other.example ${sshd.hostKey.type} ${sshd.hostKey.base64}\n`,
    );
    await window.command("Runicorn: Show Known Hosts");
    await window.chooseOnTreeItem("Connections", "127.0.0.1", "Copy Fingerprint");
    await until("it is copied", async () => (await clipboard()) === sshd.hostKey.fingerprint);
    await window.chooseOnTreeItem("Connections", "Known Hosts", "Import Known Hosts…");
    await window.waitForQuickInput("Import from");
    await window.page.keyboard.press("Enter");
    await window.treeItem("Connections", "other.example").waitFor();
  });

  it("copies the runs of a host, filters them, and opens the folder of one", async ({ stage, window }) => {
    const { workspace } = stage;
    await chooseOnHost(window, "Sync Runs to This Machine…");
    await mainJob.chooseRootToCopy(stage, "Smart");
    await window.treeItem("Runs", "baseline").waitFor();
    await window.command("Runicorn: Filter Runs…");
    await window.type("nothing like it", "Filter Runs");
    await window.chooseOnTreeItem("Runs", "No run matches the filter", "Filter Runs…");
    await window.type("", "Filter Runs");
    const opened = window.page.context().waitForEvent("page");
    await window.chooseOnTreeItem("Runs", "baseline", "Open Run Folder");
    const another = await opened;
    expect(another.url()).not.toContain(encodeURIComponent(workspace));
    await another.close();
    await window.page.bringToFront();
  });

  it("opens the run of a link without its host where it is copied", async ({ window, host }) => {
    const run = await aRun(host);
    await follow(window, `${link}&run=${run}`);
    await window.dialog("nothing is started on a host").waitFor();
    await window.answerDialog("Open Run");
    await (await window.panelText("vision/resnet50-cifar10")).getByText(run).first().waitFor();
    await window.command("View: Close All Editors");
  });

  it("syncs, stops, resumes and removes a copy of runs", async ({ window }) => {
    const root = /^runs . gpu/;
    await window.chooseOnTreeItem("Runs", root, "Sync Now");
    await window.treeItem("Runs", /smart, updated/).waitFor();
    await window.chooseOnTreeItem("Runs", root, "Stop Sync");
    await window.treeItem("Runs", "smart stopped").waitFor();
    await window.chooseOnTreeItem("Runs", root, "Resume Sync…");
    await window.waitForQuickInput("Sync mode");
    await window.pick("Smart");
    await window.treeItem("Runs", /smart, updated/).waitFor();
    await window.chooseOnTreeItem("Runs", root, "Remove Copied Runs…");
    await window.answerDialog("Remove");
    await window.treeItem("Runs", root).waitFor({ state: "hidden" });
  });

  it("compares the keys of a host whose key has changed", async ({ stage, window, sshd }) => {
    await window.command("Runicorn: Disconnect from Host");
    await window.answerDialog("Stop and Disconnect");
    await window.treeItem("Connections", /^gpu\s*not connected/).waitFor();
    const other = join(sshd.folder, "other");
    makeKey(other, "ed25519", "");
    const file = stage.dataFile("known_hosts");
    const name = `[127.0.0.1]:${sshd.port}`;
    const lines = (await readFile(file, "utf8")).split("\n").filter((line) => !line.startsWith(name));
    await writeFile(file, [`${name} ${await readFile(`${other}.pub`, "utf8")}`, ...lines].join("\n"));
    await chooseOnHost(window, "Open Last Viewer");
    await window.treeItem("Connections", "key changed").waitFor();
    await window.chooseOnTreeItem("Connections", /^\[127.*key changed/, "Replace Changed Host Key…");
    await window.waitForQuickInput("has changed");
    await window.page.keyboard.press("Escape");
  });
});
