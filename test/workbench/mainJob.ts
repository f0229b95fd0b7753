import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { isFullMatrix } from "../support/matrix.js";
import { processesIn, viewersIn } from "../support/processes.js";
import { until } from "../support/until.js";
import * as mainJob from "../support/vscode/mainJob.js";
import { watchQuestions } from "../support/vscode/questions.js";
import type { VersionName } from "../support/vscode/versions.js";
import { windowTest } from "../support/vscode/windowTest.js";

const statusId = "runicorn.runicorn-remote.runicorn.status";

/**
 * The main job in a real window of this version. The tests build on one another, as a person's steps do. The oldest version
 * does the whole of it in `npm run test:windows`, and else what goes from nothing to a viewer and back.
 */
export function testMainJob(version: VersionName): void {
  const isWhole = version === "newest" || isFullMatrix;
  describe(`the main job in the ${version} VS Code`, () => {
    const it = windowTest({ version });

    it("helps where nothing is there yet", async ({ stage, window }) => {
      await window.showSideBar("Runicorn Remote");
      // The hosts that ssh knows are offered, and any other can be typed.
      await window.treeItem("Connections", /^gpu\s*from ~\/.ssh\/config/).waitFor();
      await window.treeItem("Connections", "Connect to Host…").waitFor();
      await stage.picture("empty");
    });

    it("asks about an unknown host key, and sends nothing when it is refused", async ({ stage }) => {
      const { window, sshd } = stage;
      await mainJob.chooseHost(window, "gpu");
      await window.waitForQuickInput("Unknown host key");
      await stage.picture("host-key");
      // Cancel is what Enter does.
      await window.page.keyboard.press("Enter");
      await window.quickInput.waitFor({ state: "hidden" });
      await window.tabs.first().waitFor({ state: "detached" });
      await until("the connection is gone", async () => (await sshd.log()).includes("[preauth]"));
      expect(await sshd.log()).not.toContain("userauth-request");
    });

    it("goes from host to viewer with the keyboard alone, and asks for nothing that is evident", async ({
      stage,
      window,
      host,
    }) => {
      const { keyboard } = window.page;
      const asked = await watchQuestions(window);
      await mainJob.chooseHost(window, "gpu");
      await window.waitForQuickInput("Unknown host key");
      await keyboard.press("ArrowDown");
      await keyboard.press("Enter");
      const frame = await mainJob.waitForViewer(window, "resnet50-cifar10");
      expect(await asked()).toEqual(["Connect to Host", expect.stringContaining("Unknown host key")]);
      await window.panelText(`${host.root} (from Runicorn's settings)`);
      await mainJob.closeRunicornSettings(frame);
      await stage.picture("viewer");
    });

    it.runIf(isWhole)(
      "shows the viewer in the colours of VS Code's theme, and in others when the theme changes",
      async ({ window }) => {
        const frame = await window.frame(/^http:\/\/\d+\.localhost:/);
        const panel = frame.parentFrame()!;
        const isDark = (): Promise<boolean> =>
          frame.evaluate("matchMedia('(prefers-color-scheme: dark)').matches");
        const text = (): Promise<string> =>
          frame.evaluate("getComputedStyle(document.querySelector('.ant-table-cell')).color");
        const classes = (await panel.locator("body").getAttribute("class")) ?? "";
        const [before, after] = /vscode-dark/.test(classes) ? ["dark", "light"] : ["light", "dark"];
        expect(classes).toContain(`vscode-${before}`);
        expect(await isDark()).toBe(before === "dark");
        const shown = await text();
        const change = (from: string, to: string): Promise<unknown> =>
          panel.evaluate(`document.body.classList.replace("vscode-${from}", "vscode-${to}")`);
        await change(before, after);
        await until("the page hears of it", async () => (await isDark()) === (after === "dark"));
        await until("the page follows", async () => (await text()) !== shown);
        await change(after, before);
        await until("and back", async () => (await text()) === shown);
      },
    );

    it.runIf(isWhole)(
      "loads the viewer in its panel anew, opens it in a browser, and copies an address that opens it",
      async ({ window }) => {
        const context = window.page.context();
        const before = await window.frame(/^http:\/\/\d+\.localhost:/);
        await window.editorAction("Reload Viewer").click();
        await until("another frame is there", () => before.isDetached());
        await mainJob.waitForViewer(window, "resnet50-cifar10");
        const opened = context.waitForEvent("page");
        await window.editorAction("Open Viewer in Browser").click();
        const tab = await opened;
        const runs = tab.getByText("resnet50-cifar10").locator("visible=true").first();
        await runs.waitFor();
        await context.grantPermissions(["clipboard-read", "clipboard-write"]);
        await window.command("Runicorn: Copy Viewer URL");
        const read = (): Promise<string> => window.page.evaluate("navigator.clipboard.readText()");
        await until("it is copied", async () => (await read()).includes("runicorn-ticket="));
        await tab.goto(await read());
        await runs.waitFor();
        expect(tab.url()).not.toContain("ticket");
        await tab.close();
      },
    );

    it.runIf(isWhole)("takes no orders from the page in its frame", async ({ window }) => {
      const frame = await window.frame(/^http:\/\/\d+\.localhost:/);
      const panel = frame.parentFrame()!;
      const before = await panel.locator("body").innerHTML();
      await panel.evaluate(`void (window.heardAll = new Promise((resolve) =>
        window.addEventListener("message", ({ data }) => data === "the last one" && resolve())))`);
      const buttons = [{ id: "start-again", label: "Unlock the key" }];
      const [title, message] = ["Runs", "Your key is locked"];
      const notice = { title, message, advice: "", output: "", buttons };
      const state = { sessionId: "../../forged" };
      const orders = [
        { kind: "show", state, page: { kind: "ended", ...notice } },
        { kind: "show", state, page: { kind: "reconnecting", busy: false, ...notice } },
        { kind: "show", state, page: { kind: "viewer", url: "http://127.0.0.1:9/", title } },
        { kind: "reload" },
        "the last one",
      ];
      await frame.evaluate(`for (const order of ${JSON.stringify(orders)}) parent.postMessage(order, "*")`);
      await panel.evaluate("window.heardAll");
      expect(await panel.locator("body").innerHTML()).toBe(before);
      expect(frame.isDetached()).toBe(false);
      expect(await panel.locator("iframe").getAttribute("allow")).toBe("clipboard-write");
    });

    it("shows what runs in the trees and the status bar", async ({ window }) => {
      await window.expandItem("Connections", "Known Hosts");
      await window.treeItem("Connections", "127.0.0.1").waitFor();
      await window.treeItem("Connections", "gpu").waitFor();
      await window.treeItem("Connections", "running").waitFor();
      expect((await window.statusBarItem(statusId).innerText()).trim()).toBe("gpu");
    });

    it("shows the viewer's log", async ({ stage, window }) => {
      await window.editorAction("Show Viewer Log").click();
      // The editor puts no-break spaces between words.
      await window.page
        .locator(".panel .view-line", { hasText: /Uvicorn.running/ })
        .first()
        .waitFor();
      await stage.picture("log");
    });

    it.runIf(isWhole)("stops the viewer, and nothing of it is left", async ({ window, host }) => {
      expect((await processesIn(host.home)).length).toBeGreaterThan(0);
      await window.pressOnTreeItem("Connections", "running", "Stop Viewer");
      await window.treeItem("Connections", "running").waitFor({ state: "hidden" });
      await until("no viewer on the host", async () => (await viewersIn(host.home)).length === 0);
    });

    it.runIf(isWhole)(
      "opens the last viewer again at a double click on its connection, and asks nothing",
      async ({ stage, window, host }) => {
        await window.treeItem("Connections", "gpu").dblclick();
        await window.treeItem("Connections", "running").waitFor();
        await mainJob.waitForViewer(window, "resnet50-cifar10");
        expect(await window.quickInput.isVisible()).toBe(false);
        await stage.picture("opened-again");
        // It runs: another click shows it.
        await window.treeItem("Connections", "gpu").click();
        await window.pressOnTreeItem("Connections", "running", "Stop Viewer");
        await window.treeItem("Connections", "running").waitFor({ state: "hidden" });
        await until("no viewer on the host", async () => (await viewersIn(host.home)).length === 0);
      },
    );

    it.runIf(isWhole)("says that a storage root is missing before anything is created", async ({ stage }) => {
      const { window, host } = stage;
      const missing = join(host.home, "new runs");
      await window.command("Runicorn: Open Viewer With…");
      await mainJob.waitForEnvironments(window, "train");
      await window.pick("train");
      await mainJob.chooseRoot(window, missing);
      await window.row("Create Folder").waitFor();
      expect(await window.quickInputBox.getAttribute("placeholder")).toContain("does not exist on the host");
      await stage.picture("missing-root");
      expect(existsSync(missing)).toBe(false);
      await window.pick("Create Folder");
      await window.treeItem("Connections", "new runs").waitFor();
      await window.treeItem("Connections", "running").waitFor();
      expect(existsSync(missing)).toBe(true);
    });

    it("disconnects after asking, and everything ends", async ({ stage, window, host }) => {
      await window.command("Runicorn: Disconnect from Host");
      await stage.picture("disconnect");
      await window.answerDialog("Stop and Disconnect");
      await window.statusBarItem(statusId).waitFor({ state: "hidden" });
      await until("no process on the host", async () => (await processesIn(host.home)).length === 0);
    });

    it.runIf(isWhole)("connects and opens the last viewer with one command", async ({ window, host }) => {
      await window.command("Runicorn: Open Last Viewer");
      await window.treeItem("Connections", "new runs").waitFor();
      await window.treeItem("Connections", "running").waitFor();
      expect(await window.quickInput.isVisible()).toBe(false);
      // Its panel takes the focus, and with it a palette that is open.
      await mainJob.waitForViewer(window, "Total Runs");
      await window.command("Runicorn: Disconnect from Host");
      await window.answerDialog("Stop and Disconnect");
      await until("no process on the host", async () => (await processesIn(host.home)).length === 0);
    });

    it("wrote no error into the window's console", ({ window }) => {
      expect(window.errors.filter((error) => error.includes("runicorn"))).toEqual([]);
    });
  });
}
