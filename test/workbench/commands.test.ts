import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { viewersIn } from "../support/processes.js";
import { makeKey } from "../support/sshd.js";
import { until } from "../support/until.js";
import * as mainJob from "../support/vscode/mainJob.js";
import { setStage, type Stage } from "../support/vscode/stage.js";

const statusId = "runicorn.runicorn-remote.runicorn.status";

/** What no other test chooses, in one window. The tests build on one another. */
describe("a command", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage({ version: "newest" });
    const { window } = stage;
    await window.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await window.showSideBar("Runicorn Remote");
  });
  afterAll(() => stage.dispose());

  const clipboard = (): Promise<string> => stage.window.page.evaluate("navigator.clipboard.readText()");
  const chooseOnHost = (action: string): Promise<void> =>
    stage.window.chooseOnTreeItem("Connections", /^gpu/, action);
  const chooseOnViewer = (action: string): Promise<void> =>
    stage.window.chooseOnTreeItem("Connections", /running|reconnecting/, action);

  it("shows the log, and makes a token for the local API", async () => {
    const { window } = stage;
    await window.command("Runicorn: Show Runicorn Remote Log");
    await window.outputLine("command runicorn.showLog").first().waitFor();
    await window.command("Runicorn: Local API Token…");
    await window.waitForQuickInput("Local API Token");
    await window.pick("Create a New Token and Copy It");
    await until("it is copied", async () => (await clipboard()).length >= 32);
  });

  it("connects and opens a viewer from the menu of a host", async () => {
    const { window } = stage;
    await mainJob.chooseHost(window, "gpu");
    await window.waitForQuickInput("Unknown host key");
    await window.pick("Trust and Connect");
    await mainJob.waitForEnvironments(window, "train");
    await window.page.keyboard.press("Escape");
    await window.command("Runicorn: Disconnect from Host");
    await window.treeItem("Connections", /^gpu\s*not connected/).waitFor();
    await chooseOnHost("Connect to Host…");
    await mainJob.waitForEnvironments(window, "train");
    await window.page.keyboard.press("Escape");
    await chooseOnHost("Open Viewer With…");
    await mainJob.waitForEnvironments(window, "train");
    await window.pick("train");
    await mainJob.chooseRoot(window);
    await mainJob.closeRunicornSettings(await mainJob.waitForViewer(window, "resnet50-cifar10"));
    await window.command("View: Close All Editors");
    await chooseOnHost("Open Last Viewer");
    await mainJob.waitForViewer(window, "resnet50-cifar10");
  });

  it("refreshes a view, and offers what can be done from the status bar", async () => {
    const { window } = stage;
    await window.page.locator('.pane-header[aria-label^="Connections"]').hover();
    await window.page
      .locator('.pane-header[aria-label^="Connections"] .action-label[aria-label="Refresh View"]')
      .click();
    await window.statusBarItem(statusId).click();
    await window.waitForQuickInput("Runicorn Remote");
    await window.row("Disconnect…").waitFor();
    await window.page.keyboard.press("Escape");
  });

  it("of a viewer's menu shows it, its address and its log", async () => {
    const { window } = stage;
    await window.command("View: Close All Editors");
    await chooseOnViewer("Show Viewer");
    await mainJob.waitForViewer(window, "resnet50-cifar10");
    await chooseOnViewer("Copy Viewer URL");
    await until("it is copied", async () => (await clipboard()).includes("runicorn-ticket="));
    const opened = window.page.context().waitForEvent("page");
    await chooseOnViewer("Open Viewer in Browser");
    const tab = await opened;
    await tab.getByText("resnet50-cifar10").locator("visible=true").first().waitFor();
    await tab.close();
    await window.page.bringToFront();
    await chooseOnViewer("Show Viewer Log");
    await window.outputLine("Uvicorn running").first().waitFor();
  });

  it("of a viewer's menu restarts it, keeps it, and reconnects to it", async () => {
    const { window, host, sshd } = stage;
    const [before] = await viewersIn(host.home);
    await chooseOnViewer("Restart Viewer");
    await until("another one runs", async () => {
      const all = await viewersIn(host.home);
      return all.length === 1 && all[0]?.pid !== before?.pid;
    });
    await window.treeItem("Connections", "running").waitFor();
    await chooseOnViewer("Keep Viewer Running");
    await window.notification("keeps running after VS Code closes").waitFor();
    await sshd.halt();
    await window.treeItem("Connections", /reconnecting/).waitFor();
    await window.pressOnTreeItem("Connections", /^runs/, "Reconnect Viewer");
    await sshd.resume();
    await window.treeItem("Connections", "running").waitFor();
  });

  it("copies a link to a viewer, which starts nothing before a person agrees", async () => {
    const { window, host } = stage;
    const follow = async (link: string): Promise<void> => {
      await window.command("Developer: Open URL");
      await window.type(link);
      // VS Code's own question, until it is told to trust the extension.
      await window.dialog("open this URI").or(window.dialog("link")).first().waitFor();
      if (await window.dialog("open this URI").isVisible()) await window.answerDialog("Open");
    };
    await chooseOnViewer("Copy Link to Viewer");
    await until("it is copied", async () => (await clipboard()).includes("/open?host=gpu&root="));
    const link = await clipboard();
    await chooseOnViewer("Stop Viewer");
    await until("no viewer on the host", async () => (await viewersIn(host.home)).length === 0);
    await window.command("View: Close All Editors");
    await follow(link.replace("host=gpu", "host=elsewhere.example"));
    await window.dialog("elsewhere.example is not among your connections").waitFor();
    await stage.picture("link-unknown-host");
    await window.answerDialog("Cancel");
    await follow(link);
    await window.dialog(`Open the viewer of ${host.root} on gpu?`).waitFor();
    expect(await viewersIn(host.home)).toEqual([]);
    await window.answerDialog("Open Viewer");
    await mainJob.waitForViewer(window, "resnet50-cifar10");
    expect(await window.quickInput.isVisible()).toBe(false);
  });

  it("diagnoses the host of an item", async () => {
    const { window } = stage;
    await chooseOnHost("Diagnose Connection…");
    await window.panelText("can be used: every step passed", 60_000);
    await window.command("View: Close All Editors");
  });

  it("shows known hosts, and copies and imports their keys", async () => {
    const { window, sshd, laptop } = stage;
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

  it("copies the runs of a host, filters them, and opens the folder of one", async () => {
    const { window, workspace } = stage;
    await chooseOnHost("Sync Runs to This Machine…");
    await window.waitForQuickInput("Storage root");
    await window.page.keyboard.press("Enter");
    await window.waitForQuickInput("Sync mode");
    await window.pick("Smart");
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

  it("syncs, stops, resumes and removes a copy of runs", async () => {
    const { window } = stage;
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

  it("compares the keys of a host whose key has changed", async () => {
    const { window, sshd } = stage;
    await window.command("Runicorn: Disconnect from Host");
    await window.answerDialog("Stop and Disconnect");
    await window.treeItem("Connections", /^gpu\s*not connected/).waitFor();
    const other = join(sshd.folder, "other");
    makeKey(other, "ed25519", "");
    const file = stage.dataFile("known_hosts");
    const name = `[127.0.0.1]:${sshd.port}`;
    const lines = (await readFile(file, "utf8")).split("\n").filter((line) => !line.startsWith(name));
    await writeFile(file, [`${name} ${await readFile(`${other}.pub`, "utf8")}`, ...lines].join("\n"));
    await chooseOnHost("Open Last Viewer");
    await window.treeItem("Connections", "key changed").waitFor();
    await window.chooseOnTreeItem("Connections", /^\[127.*key changed/, "Replace Changed Host Key…");
    await window.waitForQuickInput("has changed");
    await window.page.keyboard.press("Escape");
  });
});
