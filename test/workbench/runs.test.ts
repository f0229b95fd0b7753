import { appendFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projectRuns } from "../support/runicorn/projectRuns.js";
import { until } from "../support/until.js";
import { setStage, type Stage } from "../support/vscode/stage.js";

/** The runs of a host on this machine, in a real window. The tests build on one another, as a person's steps do. */
describe("copied runs in the newest VS Code", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage({ version: "newest" });
    await projectRuns(stage.host.root, stage.host.home);
  });
  afterAll(() => stage.dispose());

  it("says what the view is for while nothing is there", async () => {
    const { window } = stage;
    await window.showSideBar("Runicorn Remote");
    await window.page.getByText("Keep the runs of a host on this machine").waitFor();
  });

  it("lists the runs of a host in smart mode", async () => {
    const { window, host } = stage;
    await window.command("Runicorn: Synchronize Runs…");
    await window.waitForQuickInput("Connect to Host");
    await window.pick("gpu");
    await window.waitForQuickInput("Unknown host key");
    await window.pick("Trust and Connect");
    await window.waitForQuickInput("Storage root");
    expect(await window.quickInputBox.inputValue()).toBe(host.root);
    await window.page.keyboard.press("Enter");
    await window.waitForQuickInput("How to synchronize the runs");
    await stage.picture("sync-mode");
    await window.pick("Smart");
    await window.treeItem("Runs", "image_classification/resnet50").waitFor();
    await window.treeItem("Runs", "第一次").waitFor();
    await stage.picture("runs");
  });

  it("filters and sorts them", async () => {
    const { window } = stage;
    await window.command("Runicorn: Filter Runs…");
    await window.type("resnet50-cifar10 cosine");
    await window.treeItem("Runs", "cosine schedule").waitFor();
    await window.treeItem("Runs", "第一次").waitFor({ state: "hidden" });
    await window.command("Runicorn: Filter Runs…");
    await window.type("cifar10");
    await window.treeItem("Runs", "mixup").waitFor();
    await window.command("Runicorn: Sort Runs…");
    await window.pick("By best metric");
    await until("the best run stands first", async () => {
      const labels = await window.page.locator(".pane .monaco-list-row .label-name").allInnerTexts();
      const runs = labels.filter((label) => /^(mixup|cosine schedule|baseline)$/.test(label));
      return runs.join() === "mixup,cosine schedule,baseline";
    });
  });

  it("draws the metrics of several runs in one chart", async () => {
    const { window } = stage;
    await window.pressOnTreeItem("Runs", "vision/resnet50-cifar10", "Show Charts");
    const page = await window.panelText("train_loss");
    await page.locator("section canvas").first().waitFor();
    await page.getByText("val_accuracy").first().waitFor();
    expect(await page.locator("section").first().locator("tr").count()).toBe(4);
    await stage.picture("charts-dark");
  });

  it("reads values aloud for whoever cannot see them", async () => {
    const { window } = stage;
    const page = await window.panelText("train_loss");
    const plot = page.locator("section .plot").first();
    await plot.focus();
    await window.page.keyboard.press("Home");
    await window.page.keyboard.press("ArrowRight");
    await page.locator("[aria-live]", { hasText: /^Step 2: .*mixup -?\d/ }).waitFor({ state: "attached" });
    await window.page.keyboard.press("+");
    await page.locator("section").first().getByText("Show Everything").waitFor();
    await window.page.keyboard.press("Escape");
    await page.locator("section").first().getByText("Show Everything").waitFor({ state: "hidden" });
  });

  it("follows the theme", async () => {
    const { window } = stage;
    await window.command("Preferences: Color Theme");
    await window.quickInputBox.fill("Light Modern");
    await window.page.keyboard.press("Enter");
    await window.page.locator(".monaco-workbench.vs").waitFor();
    await stage.picture("charts-light");
  });

  it("opens a file of a run, bringing it first", async () => {
    const { window } = stage;
    await window.treeItem("Runs", "mixup").locator(".monaco-tl-twistie").click();
    await window.treeItem("Runs", "events.jsonl").waitFor();
    await window.treeItem("Runs", "logs.txt").click();
    await window.page
      .locator(".view-line", { hasText: /epochs:.40/ })
      .first()
      .waitFor();
    await stage.picture("run-file");
  });

  it("follows a log", async () => {
    const { window, host } = stage;
    await window.pressOnTreeItem("Runs", "mixup", "Tail Log");
    await window.page
      .locator(".panel .view-line", { hasText: /epoch.40:/ })
      .first()
      .waitFor();
    const runs = join(host.root, "runs/vision/resnet50-cifar10");
    for (const run of await readdir(runs))
      await appendFile(join(runs, run, "logs.txt"), "a line that came later\n");
    await window.page
      .locator(".panel .view-line", { hasText: /a.line.that.came.later/ })
      .first()
      .waitFor();
  });
});
