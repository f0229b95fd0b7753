import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { processesIn } from "../support/processes.js";
import { until } from "../support/until.js";
import * as mainJob from "../support/vscode/mainJob.js";
import { setStage, type Stage } from "../support/vscode/stage.js";
import type { VersionName } from "../support/vscode/versions.js";

const statusId = "runicorn.runicorn-remote.runicorn.status";

/** The main job in a real window of this version. The tests build on one another, as a person's steps do. */
export function testMainJob(version: VersionName): void {
  describe(`the main job in the ${version} VS Code`, () => {
    let stage: Stage;
    beforeAll(async () => {
      stage = await setStage({ version });
    });
    afterAll(() => stage.dispose());

    it("helps where nothing is there yet", async () => {
      const { window } = stage;
      await window.showSideBar("Runicorn Remote");
      await window.page.getByText("Open Runicorn's viewer from the server your runs are on.").waitFor();
      await stage.picture("empty");
    });

    it("asks about an unknown host key, and sends nothing when it is refused", async () => {
      const { window, sshd } = stage;
      await mainJob.chooseHost(window, "gpu");
      await window.waitForQuickInput("Unknown host key");
      await stage.picture("host-key");
      // Cancel is what Enter does.
      await window.page.keyboard.press("Enter");
      await window.quickInput.waitFor({ state: "hidden" });
      await until("the connection is gone", async () => (await sshd.log()).includes("[preauth]"));
      expect(await sshd.log()).not.toContain("userauth-request");
    });

    it("goes from host to viewer with the keyboard alone", async () => {
      const { window, host } = stage;
      const { keyboard } = window.page;
      await mainJob.chooseHost(window, "gpu");
      await window.waitForQuickInput("Unknown host key");
      await keyboard.press("ArrowDown");
      await keyboard.press("Enter");
      await mainJob.waitForEnvironments(window, "train");
      await window.quickInput.locator(".monaco-list-row.focused").waitFor();
      await keyboard.press("Enter");
      await window.waitForQuickInput("Storage root");
      expect(await window.quickInputBox.inputValue()).toBe(host.root);
      await keyboard.press("Enter");
      const frame = await mainJob.waitForViewer(window, "resnet50-cifar10");
      await mainJob.closeRunicornSettings(frame);
      await stage.picture("viewer");
    });

    it("shows what runs in the trees and the status bar", async () => {
      const { window } = stage;
      await window.expandView("Known Hosts");
      await window.treeItem("Known Hosts", "127.0.0.1").waitFor();
      await window.treeItem("Connections", "gpu").waitFor();
      await window.treeItem("Viewers", "running").waitFor();
      expect(await window.statusBarItem(statusId).innerText()).toMatch(/gpu\s+1/);
    });

    it("shows the viewer's log", async () => {
      const { window } = stage;
      await window.editorAction("Show Viewer Log").click();
      // The editor puts no-break spaces between words.
      await window.page
        .locator(".panel .view-line", { hasText: /Uvicorn.running/ })
        .first()
        .waitFor();
      await stage.picture("log");
    });

    it("stops the viewer, and nothing of it is left", async () => {
      const { window, host } = stage;
      expect((await processesIn(host.home)).length).toBeGreaterThan(0);
      await window.pressOnTreeItem("Viewers", "running", "Stop Viewer");
      await window.page.getByText("No viewer is running.").waitFor();
      await until("no process on the host", async () => (await processesIn(host.home)).length === 0);
    });

    it("says that a storage root is missing before anything is created", async () => {
      const { window, host } = stage;
      const missing = join(host.home, "new runs");
      await window.command("Runicorn: Open Viewer…");
      await mainJob.waitForEnvironments(window, "train");
      await window.pick("train");
      await mainJob.chooseRoot(window, missing);
      await window.notification("does not exist").waitFor();
      await stage.picture("missing-root");
      expect(existsSync(missing)).toBe(false);
      await window.pressInNotification("does not exist", "Create Folder");
      await window.treeItem("Viewers", "new runs").waitFor();
      await window.treeItem("Viewers", "running").waitFor();
      expect(existsSync(missing)).toBe(true);
    });

    it("disconnects after asking, and everything ends", async () => {
      const { window, host } = stage;
      await window.command("Runicorn: Disconnect");
      await stage.picture("disconnect");
      await window.answerDialog("Disconnect");
      await window.statusBarItem(statusId).waitFor({ state: "hidden" });
      await until("no process on the host", async () => (await processesIn(host.home)).length === 0);
    });

    it("wrote no error into the window's console", () => {
      expect(stage.window.errors.filter((error) => error.includes("runicorn"))).toEqual([]);
    });
  });
}
