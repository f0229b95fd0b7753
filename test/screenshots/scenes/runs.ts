import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Frame } from "playwright-core";
import { train } from "../../support/runicorn/training.js";
import { until } from "../../support/until.js";
import type { Gallery } from "../gallery.js";
import { personAt, sampleRun } from "../person.js";

/** What is told of a run that is killed while it trains. */
async function noticeViews(gallery: Gallery): Promise<void> {
  const { window, words, stage } = gallery;
  const person = personAt(gallery);
  const { root, home } = stage.host;
  const training = train(root, join(home, "venvs", "train"), home, "night run");
  await gallery.view("notices-choices", async () => {
    await window.treeItem(person.runs, "night run").waitFor({ timeout: 60_000 });
    await window.chooseOnTreeItem(person.runs, "night run", words.manifest("command.notifyAbout"));
    await person.waitForQuestion("Notify Me About {0}");
    await window.row(words.of("Failed or Crashed")).click();
  });
  await gallery.view("notice", async () => {
    await window.page.keyboard.press("Enter");
    await window.treeItem(person.runs, /night run.*🔔/).waitFor();
    // Two looks at the host later it is known that it runs.
    const before = await training.values();
    await until("it goes on", async () => (await training.values()) > before + 60, 60_000);
    await training.kill();
    await window.notification("night run").waitFor({ timeout: 60_000 });
  });
  await gallery.step("put the notice away", async () => {
    await training.kill();
    await window.command("Notifications: Clear All Notifications");
  });
}

/** What is changed of a run on its host. */
async function writeBackViews(gallery: Gallery): Promise<void> {
  const { window, words } = gallery;
  const person = personAt(gallery);
  const choose = (command: string): Promise<void> =>
    window.chooseOnTreeItem(person.runs, "mixup", words.manifest(`command.${command}`));
  await gallery.view("write-back-tags", async () => {
    await choose("editRunTags");
    await person.waitForQuestion("Tags of {0}");
  });
  await gallery.step("leave the tags", () => person.leave());
  await gallery.view("write-back-delete", async () => {
    await choose("deleteRun");
    await window.page.locator(".monaco-dialog-box").waitFor();
  });
  await gallery.step("delete nothing", async () => {
    await window.page.keyboard.press("Escape");
    await window.page.locator(".monaco-dialog-box").waitFor({ state: "hidden" });
  });
}

/** The parts of a run's page. */
async function runPageViews(gallery: Gallery): Promise<void> {
  const { window } = gallery;
  const person = personAt(gallery);
  const page = (): Promise<Frame> => window.panelText("vision/compare");
  const open = async (part: string): Promise<Frame> => {
    const shown = await page();
    await shown.locator(`#tab-${part}`).click();
    return shown;
  };
  await gallery.view("run-page-damaged", async () => {
    await person.closeEditors();
    await window.treeItem(person.runs, "one way").locator(".label-name").click();
    await (await page()).locator(".notice li").first().waitFor();
  });
  await gallery.view("run-page-charts", async () => {
    await (await open("charts")).locator("#panel-charts canvas").first().waitFor();
  });
  await gallery.view("run-page-log", async () => {
    await (await open("log")).locator('[role="log"]', { hasText: "epoch 4 of 4" }).waitFor();
  });
  await gallery.view("run-page-images", async () => {
    const shown = await open("images");
    await until("the picture is there", () =>
      shown.evaluate<boolean>("document.querySelector('#panel-images img')?.naturalWidth > 0"),
    );
  });
  await gallery.view("run-page-files", async () => {
    await (await open("files")).locator('[data-file="logs.txt"]').waitFor();
  });
}

/** The run table, from all runs to none. */
async function runTableViews(gallery: Gallery): Promise<void> {
  const { window, words } = gallery;
  const person = personAt(gallery);
  const page = (): Promise<Frame> => person.says("Columns…");
  const filter = async (text: string): Promise<void> => (await page()).locator(".filter input").fill(text);
  const group = async (button: string): Promise<Frame> => {
    const shown = await page();
    await shown.locator("vscode-button", { hasText: words.of(button) }).click();
    return shown;
  };
  await gallery.view("run-table", async () => {
    await person.run("openRunTable");
    await (await window.panelText("val_accuracy")).locator(".row.run").first().waitFor();
  });
  await gallery.view("run-table-selected", async () => {
    const shown = await page();
    await shown.locator(".row.run").first().click();
    await shown
      .locator(".row.run")
      .nth(2)
      .click({ modifiers: ["Shift"] });
    await shown.locator(".selection").waitFor();
  });
  await gallery.step("select nothing", () => window.page.keyboard.press("Escape"));
  await gallery.view("run-table-columns", async () => {
    await (await group("Columns…")).locator(".choices label").first().waitFor();
  });
  await gallery.step("close the columns", () => window.page.keyboard.press("Escape"));
  await gallery.view("run-table-groups", async () => {
    const shown = await group("Group By…");
    await shown.locator(".picker input").first().fill("status");
    await shown
      .locator(".choices label", { hasText: words.of("Status") })
      .first()
      .click();
    await shown.locator(".row.group").first().waitFor();
    await window.page.keyboard.press("Escape");
    await shown.locator(".picker").waitFor({ state: "hidden" });
  });
  await gallery.view("run-table-completions", async () => {
    await filter("");
    await (await page()).locator(".filter input").click();
    await window.page.keyboard.type("val");
    await (await page()).locator(".completions li").first().waitFor();
  });
  await gallery.view("run-table-wrong", async () => {
    await filter("nonsense < 3");
    await (await page()).locator(".filter .wrong").waitFor();
  });
  await gallery.view("run-table-none", async () => {
    await filter("name~nothing");
    await (await page()).locator(".empty").waitFor();
  });
  await gallery.step("clear the filter of the table", () => filter(""));
}

/** Runs that are kept on this machine. */
export async function runs(gallery: Gallery): Promise<void> {
  const { window, words, stage } = gallery;
  const person = personAt(gallery);
  const { root } = stage.host;
  const isRoot = /^runs . gpu/;
  const chartsOf = (run: string | RegExp): Promise<void> =>
    window.pressOnTreeItem(person.runs, run, words.manifest("command.showCharts"));

  await gallery.step("have a viewer", async () => {
    await person.closeEditors();
    await person.haveViewer();
    await person.closeEditors();
  });
  await gallery.view("sync-mode", async () => {
    await person.run("syncRuns");
    await person.waitForQuestion("Storage root on");
    await window.page.keyboard.press("Enter");
    await person.waitForQuestion("Sync mode");
  });
  await gallery.view("mirror-choices", async () => {
    await person.pick("Mirror");
    await window.row(words.of("Start Mirror")).waitFor();
  });
  await gallery.view("runs", async () => {
    await person.pick("Start Mirror");
    await window.treeItem(person.runs, sampleRun).waitFor();
    await window.treeItem(person.runs, "mixup").waitFor();
  });
  await gallery.view("charts", async () => {
    await chartsOf(`vision/${sampleRun}`);
    const page = await window.panelText("train_loss");
    await page.locator("section canvas").first().waitFor();
    await page.getByText("val_accuracy").first().waitFor();
  });
  await gallery.view("run-page", async () => {
    await person.closeEditors();
    await window.treeItem(person.runs, "mixup").locator(".label-name").click();
    const page = await window.panelText("vision/resnet50-cifar10");
    await page.locator("[role=tab]").first().waitFor();
  });
  await gallery.view("compare", async () => {
    await person.closeEditors();
    await window.selectTreeItems(person.runs, ["mixup", "baseline"]);
    await window.chooseOnTreeItem(person.runs, "baseline", words.manifest("command.compareRuns"));
    const page = await window.panelText(words.of("Compare Runs"));
    await page.locator("canvas").first().waitFor();
  });
  await gallery.view("compare-code", async () => {
    await window.treeItem(person.runs, "another way").locator(".label-name").click();
    await person.closeEditors();
    await window.selectTreeItems(person.runs, ["one way", "another way"]);
    await window.chooseOnTreeItem(person.runs, "another way", words.manifest("command.compareRuns"));
    const page = await window.panelText(words.of("Compare Runs"));
    await page.locator(".changes li").first().waitFor();
    await page.locator("canvas").first().waitFor();
  });
  await gallery.view("compare-all", async () => {
    const page = await window.panelText(words.of("Compare Runs"));
    await page.locator("vscode-checkbox").click();
  });
  // What is for one run has no button while two are selected.
  await gallery.step("select one run", async () => {
    await window.treeItem(person.runs, "mixup").locator(".label-name").click();
    await person.closeEditors();
  });
  await runPageViews(gallery);
  await runTableViews(gallery);
  await gallery.view("menu-run", async () => {
    await window.treeItem(person.runs, "mixup").click({ button: "right" });
    await window.page.locator(".monaco-menu .action-label").first().waitFor();
  });
  await gallery.step("close the run's menu", () => person.leave());
  await gallery.view("run-log", async () => {
    await window.pressOnTreeItem(person.runs, "mixup", words.manifest("command.tailLog"));
    await window.outputLine("epoch").first().waitFor();
  });
  await gallery.step("close the log", () => person.closePanel());
  await noticeViews(gallery);
  await writeBackViews(gallery);
  await gallery.view("runs-filtered", async () => {
    await person.run("filterRuns");
    await window.type("nothing like it");
    await window.treeItem(person.runs, words.of("No run matches the filter")).waitFor();
  });
  await gallery.step("clear the filter", () => person.run("clearFilter"));
  await gallery.view("runs-gone", async () => {
    await rename(root, `${root}.aside`);
    await mkdir(root);
    await window
      .notification(words.of("The {1} files that were copied from {0} are gone: it is empty now."))
      .waitFor();
  });
  await gallery.step("bring the runs back", async () => {
    await rm(root, { recursive: true });
    await rename(`${root}.aside`, root);
    await window.command("Notifications: Clear All Notifications");
  });
  await gallery.view("charts-offline", async () => {
    await person.closeEditors();
    await person.disconnect();
    await window.treeItem(person.runs, isRoot).waitFor();
    await chartsOf(`vision/${sampleRun}`);
    await person.says("Not connected. This is what was copied {0}.");
  });
}
