import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import * as mainJob from "../support/vscode/mainJob.js";
import { windowTest } from "../support/vscode/windowTest.js";

/** A run as Runicorn 0.6 leaves it. */
async function writeRun(root: string, path: string, index: number): Promise<void> {
  const id = `20260101_0000${String(index).padStart(2, "0")}_${(0xabc000 + index).toString(16)}`;
  const folder = join(root, "runs", path, id);
  await mkdir(folder, { recursive: true });
  const json = (name: string, value: unknown): Promise<void> =>
    writeFile(join(folder, name), JSON.stringify(value));
  await json("meta.json", { id, path, created_at: 1_767_225_600 + index });
  await json("status.json", { status: index === 1 ? "running" : "finished", started_at: 1_767_225_600 });
  await json("summary.json", {
    best_metric_name: "val_loss",
    best_metric_value: 0.1 + index * 0.0168,
    best_metric_mode: "min",
  });
}

/** The tree of many runs, in a real window. The tests build on one another. */
describe("the tree of runs", () => {
  let log: string;
  const it = windowTest({
    version: "newest",
    prepare: async ({ host }) => {
      const { root } = host;
      for (let index = 1; index <= 30; index += 1) await writeRun(root, "sweep/lr", index);
      await writeRun(root, "alone/resnet", 31);
      log = join(root, "runs/sweep/lr/20260101_000001_abc001/logs.txt");
      const block = Array.from({ length: 1_024 }, (_, line) => `line ${line} ${"x".repeat(1_000)}\n`).join(
        "",
      );
      for (let block_ = 0; block_ < 40; block_ += 1) await appendFile(log, block);
      await appendFile(log, "the last line\n");
    },
  });

  it("shows the best of many runs, and one run without a group", async ({ stage, window }) => {
    await mainJob.copyRuns(stage, "Smart");
    const group = window.treeItem("Runs", /sweep\/lr\s*30 runs · best 0.1168 val_loss/);
    await group.waitFor();
    expect(await group.getAttribute("aria-expanded")).toBe("false");
    await window.treeItem("Runs", /^alone\/resnet\s*0.6208 val_loss/).waitFor();
    await stage.picture("run-tree");
  });

  it("are pinned, and unpinned again", async ({ stage, window }) => {
    await window.chooseOnTreeItem("Runs", /^alone\/resnet/, "Pin Run");
    await window.treeItem("Runs", /^Pinned\s*1 run/).waitFor();
    await stage.picture("run-tree-pinned");
    await window.chooseOnTreeItem("Runs", /^alone\/resnet/, "Unpin Run");
    await window.treeItem("Runs", /^Pinned/).waitFor({ state: "hidden" });
  });

  it("shows the end of a large log once, however often it is asked for", async ({ stage, window }) => {
    await window.command("Runicorn: Filter Runs…");
    await window.type("abc001", "Filter Runs");
    await window.treeItem("Runs", /^sweep\/lr\s*0.1168 val_loss/).waitFor();
    for (let press = 0; press < 3; press += 1)
      await window.pressOnTreeItem("Runs", /^sweep\/lr/, "Tail Run Log");
    await window.outputLine("the last line").first().waitFor();
    await stage.picture("tail");
    await appendFile(log, "a line that came later\n");
    await window.outputLine("a line that came later").first().waitFor();
    // Its channel goes with it.
    await window.chooseOnTreeItem("Runs", /^sweep\/lr/, "Stop Tail");
    await window.outputLine("a line that came later").first().waitFor({ state: "hidden" });
  });

  it("has its pins again in a window that is opened anew", async ({ window }) => {
    await window.command("Runicorn: Clear Run Filter");
    await window.chooseOnTreeItem("Runs", /^alone\/resnet/, "Pin Run");
    await window.treeItem("Runs", /^Pinned\s*1 run/).waitFor();
    await window.untilSaved();
    await window.reload();
    await window.showSideBar("Runicorn Remote");
    await window.treeItem("Runs", /^Pinned\s*1 run/).waitFor();
  });
});
