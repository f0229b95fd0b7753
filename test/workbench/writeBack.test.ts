import { describe, expect } from "vitest";
import { viewerPidsIn } from "../support/processes.js";
import * as mainJob from "../support/vscode/mainJob.js";
import { windowTest, windowVersions } from "../support/vscode/windowTest.js";

/** Runs that are changed on their host, in a real window. The tests build on one another. */
describe.each(windowVersions)("runs in the %s VS Code", (version) => {
  const it = windowTest({ version });

  it("are renamed and tagged on their host by a viewer that a person agrees to", async ({ stage }) => {
    const { window, host } = stage;
    await mainJob.copyRuns(stage, "Smart");
    await window.chooseOnTreeItem("Runs", "mixup", "Rename Run…");
    await window.type("mixup 2", "Rename mixup");
    await window.dialog("Start a viewer on gpu?").waitFor();
    expect(await viewerPidsIn(host.home)).toHaveLength(0);
    await stage.picture("write-back-question");
    await window.answerDialog("Start Viewer");
    await window.treeItem("Runs", "mixup 2").waitFor({ timeout: 60_000 });
    // The same viewer serves the next change, and nothing is asked.
    await window.chooseOnTreeItem("Runs", "mixup 2", "Edit Run Tags…");
    await window.type("good, lr = 1e-3", "Tags of mixup 2");
    await window.command("Runicorn: Filter Runs…");
    await window.type("good 1e-3", "Filter Runs");
    await window.treeItem("Runs", "baseline").waitFor({ state: "hidden" });
    await window.treeItem("Runs", "mixup 2").waitFor();
    expect(await viewerPidsIn(host.home)).toHaveLength(1);
    await window.command("Runicorn: Clear Run Filter");
    // Items that come back move the others.
    await window.treeItem("Runs", "lr 5e-5").waitFor();
  });

  it("are moved to the recycle bin and back", async ({ stage, window }) => {
    await window.chooseOnTreeItem("Runs", "mixup 2", "Move Run to Recycle Bin…");
    await window.dialog("Move mixup 2 to Runicorn's recycle bin?").waitFor();
    await stage.picture("write-back-delete");
    await window.answerDialog("Move to Recycle Bin");
    await window.notification("mixup 2 is in Runicorn's recycle bin.").waitFor();
    await window.treeItem("Runs", /^Recycle Bin/).waitFor();
    await window.pressInNotification("mixup 2 is in Runicorn's recycle bin.", "Undo");
    await window.treeItem("Runs", /^Recycle Bin/).waitFor({ state: "hidden" });
    await window.chooseOnTreeItem("Runs", "mixup 2", "Move Run to Recycle Bin…");
    await window.answerDialog("Move to Recycle Bin");
    await window.expandItem("Runs", "Recycle Bin");
    await window.chooseOnTreeItem("Runs", "mixup 2", "Restore Run from Recycle Bin");
    await window.treeItem("Runs", /^Recycle Bin/).waitFor({ state: "hidden" });
    await window.treeItem("Runs", "mixup 2").waitFor();
  });
});
