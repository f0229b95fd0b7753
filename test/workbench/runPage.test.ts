import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Frame, Locator } from "playwright-core";
import { describe, expect } from "vitest";
import { makeCodeRuns } from "../support/runicorn/codeRuns.js";
import { until } from "../support/until.js";
import { violationsIn, violationsInThemes } from "../support/vscode/axe.js";
import * as mainJob from "../support/vscode/mainJob.js";
import { picturesInThemes } from "../support/vscode/picturesInThemes.js";
import type { Window } from "../support/vscode/window.js";
import { windowTest, windowVersions } from "../support/vscode/windowTest.js";

/** The page of one run. The tests build on one another, as a person's steps do. */
describe.each(windowVersions)("a run in the %s VS Code", (version) => {
  const it = windowTest({
    version,
    prepare: async (stage) => {
      const { window, host } = stage;
      await makeCodeRuns(host.root, join(host.home, "venvs", "train"), host.home);
      await mainJob.copyRuns(stage, "Smart");
      await window.treeItem("Runs", "one way").waitFor();
    },
  });

  const openPage = async (window: Window): Promise<Frame> => {
    await window.treeItem("Runs", "one way").locator(".label-name").click();
    const page = await window.panelText("vision/compare");
    await page.locator("h1", { hasText: "one way" }).waitFor();
    return page;
  };
  const thePage = (window: Window): Promise<Frame> => window.panelText("vision/compare");
  /** What axe finds on the page as it is. */
  const expectAccessible = async (page: Frame): Promise<void> => {
    expect.soft(await violationsIn(page)).toEqual([]);
  };

  it("is opened by a click: what it was started with, how it ended, and where it is", async ({
    stage,
    clipboard,
    press,
  }) => {
    const { window, host } = stage;
    const page = await openPage(window);
    await window.page.locator(".tab.active", { hasText: "one way" }).waitFor();
    const row = (name: string) => page.locator("tr", { has: page.locator(`th[title="${name}"]`) });
    expect(await row("extra.lr").or(row("lr")).first().locator(".value").innerText()).toBe("0.1");
    expect(await page.locator(".status").innerText()).toBe("finished");
    // What it logged is brought for it.
    await page.locator("tr", { hasText: "best 0.25" }).waitFor();
    expect(await row("Storage root").locator(".value").innerText()).toBe(host.root);
    await page.locator(".duration", { hasText: "Duration" }).waitFor();
    await picturesInThemes(stage, "run-overview");
    expect.soft(await violationsInThemes(window, page)).toEqual([]);
    await page.locator("vscode-textfield").locator("input").fill("momentum");
    await page.locator("th", { hasText: "momentum" }).waitFor();
    expect(await page.locator("th[title='Storage root']").count()).toBe(0);
    await page.locator("vscode-textfield").locator("input").fill("");
    await row("Storage root").locator(".link").focus();
    await press("Enter");
    await until("it is copied", async () => (await clipboard()) === host.root);
  });

  it("shows its charts, its log and its images by the keyboard alone", async ({ stage, window, press }) => {
    const page = await thePage(window);
    await page.locator('[role="tab"][aria-selected="true"]').focus();
    await press("ArrowRight");
    await page.locator("#panel-charts canvas").first().waitFor();
    await expectAccessible(page);
    await stage.picture("run-charts");
    await page.locator('[role="tab"][aria-selected="true"]').focus();
    await press("ArrowRight");
    await page.locator('[role="log"]', { hasText: "epoch 4 of 4" }).waitFor();
    await expectAccessible(page);
    await stage.picture("run-log");
    await page.locator('[role="tab"][aria-selected="true"]').focus();
    await press("ArrowRight");
    await page.getByText("Step 4, image 4 of 4").waitFor();
    const width = (): Promise<number> =>
      page.evaluate("document.querySelector('#panel-images img').naturalWidth");
    await until("the picture is there", async () => (await width()) === 64);
    const last = await page.locator("#panel-images img").getAttribute("src");
    await page.locator("#panel-images input").focus();
    await press("Home");
    await page.getByText("Step 1, image 1 of 4").waitFor();
    await until("another one is shown", async () => {
      const now = await page.locator("#panel-images img").getAttribute("src");
      return now !== null && now !== last;
    });
    await page.getByText("epoch 1", { exact: true }).waitFor();
    await expectAccessible(page);
    await picturesInThemes(stage, "run-images");
  });

  it("has files that are opened, put beside it, and downloaded from their menu", async ({
    stage,
    clipboard,
    press,
  }) => {
    const { window, laptop } = stage;
    const page = await thePage(window);
    await page.locator('[role="tab"][aria-selected="true"]').focus();
    await press("End");
    await page.locator('[data-file="logs.txt"]').waitFor();
    await expectAccessible(page);
    await picturesInThemes(stage, "run-files");
    const comes = (what: Locator, timeout: number): Promise<boolean> =>
      what.waitFor({ timeout }).then(
        () => true,
        () => false,
      );
    /** A menu takes no click for a moment after it has opened: it is chosen until what it does is seen. */
    const choose = async (file: string, action: string, isDone: () => Promise<boolean>): Promise<void> => {
      const entry = window.page.locator(".monaco-menu .action-label", { hasText: action }).first();
      const chooseOnce = async (): Promise<boolean> => {
        if (!(await entry.isVisible()))
          await page.locator(`[data-file="${file}"]`).click({ button: "right" });
        if (!(await comes(entry, 2_000))) return false;
        await entry.click({ timeout: 3_000 }).catch(() => undefined);
        return isDone();
      };
      await until(`${action} is chosen`, chooseOnce, 40_000);
    };
    const lastLine = window.page.locator(".view-line", { hasText: /epoch.4.of.4/ }).first();
    await choose("logs.txt", "Open Run File to the Side", () => comes(lastLine, 3_000));
    await window.command("View: Close Editor");
    await choose("code_snapshot.zip", "Copy Run Path", () =>
      until("it is copied", async () => /\/code_snapshot\.zip$/.test(await clipboard()), 3_000).then(
        () => true,
        () => false,
      ),
    );
    const target = join(laptop, "downloaded.txt");
    const title = window.quickInput.locator(".quick-input-title", { hasText: "Download logs.txt" });
    await choose("logs.txt", "Download Run File…", () => comes(title, 3_000));
    await window.chooseFile(target);
    await window.notification("logs.txt was downloaded").waitFor();
    await until("it is there", () => Promise.resolve(existsSync(target)));
    expect(await readFile(target, "utf8")).toContain("epoch 4 of 4");
  });

  it("can be opened by its menu, and its id, path and link copied", async ({ stage, clipboard, press }) => {
    const { window, host } = stage;
    await window.command("View: Close All Editors");
    await window.chooseOnTreeItem("Runs", "another way", "Open Run");
    const page = await thePage(window);
    await page.locator("h1", { hasText: "another way" }).waitFor();
    await window.chooseOnTreeItem("Runs", "another way", "Copy Run ID");
    await until("it is copied", async () => /^\d{8}_\d{6}_[0-9a-f]{6}$/.test(await clipboard()));
    const id = await clipboard();
    await window.chooseOnTreeItem("Runs", "another way", "Copy Run Path");
    await until("it is copied", async () => (await clipboard()) === `${host.root}/runs/vision/compare/${id}`);
    await window.chooseOnTreeItem("Runs", "another way", "Copy Link to Run");
    await until("it is copied", async () =>
      (await clipboard()).endsWith(
        `://runicorn.runicorn-remote/open?host=gpu&root=${host.root}&folder=runs/vision/compare/${id}&run=${id}`,
      ),
    );
    await window.expandItem("Runs", "another way");
    await window.treeItem("Runs", "logs.txt").waitFor();
    await window.chooseOnTreeItem("Runs", "logs.txt", "Copy Run Path");
    await until("it is copied", async () => (await clipboard()).endsWith(`${id}/logs.txt`));
    await window.chooseOnTreeItem("Runs", "logs.txt", "Open Run File to the Side");
    await window.page
      .locator(".view-line", { hasText: /epoch.4.of.4/ })
      .first()
      .waitFor();
    await window.chooseOnTreeItem("Runs", "logs.txt", "Download Run File…");
    await window.waitForQuickInput("Download logs.txt");
    await press("Escape");
    await window.chooseOnTreeItem("Runs", "logs.txt", "Open Run File");
    await window.treeItem("Runs", "one way").click({ button: "right" });
    await window.page.locator(".monaco-menu").waitFor();
    await press("Escape");
    await press("Enter");
    await window.page.locator(".tab.active", { hasText: "one way" }).waitFor();
  });

  it("is shown in Runicorn's own page, also where that is open already", async ({ stage, clipboard }) => {
    const { window } = stage;
    await window.command("View: Close All Editors");
    const showsRun = async (name: string): Promise<void> => {
      await window.chooseOnTreeItem("Runs", name, "Copy Run ID");
      let id = "";
      await until("it is copied", async () => (id = await clipboard()).length === 22);
      await window.chooseOnTreeItem("Runs", name, "Open Run in Viewer");
      await window.frame(new RegExp(`^http://\\d+\\.localhost:\\d+/runs/${id}`));
    };
    await showsRun("one way");
    await stage.picture("run-in-viewer");
    await showsRun("another way");
  });

  it("is there again after a reload, with its place", async ({ window }) => {
    await window.command("View: Close All Editors");
    const before = await openPage(window);
    await before.locator('[role="tab"]').last().click();
    await before.locator('[data-file="logs.txt"]').waitFor();
    await window.untilSaved();
    await window.reload();
    const page = await thePage(window);
    await page.locator('[data-file="logs.txt"]').waitFor();
    expect(await page.locator('[role="tab"][aria-selected="true"]').innerText()).toBe("Files");
  });
});
