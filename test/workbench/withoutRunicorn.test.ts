import { rm } from "node:fs/promises";
import { join } from "node:path";
import { describe } from "vitest";
import * as mainJob from "../support/vscode/mainJob.js";
import { windowTest } from "../support/vscode/windowTest.js";

describe("a host where no Python has Runicorn", () => {
  const it = windowTest({
    version: "newest",
    prepare: ({ host }) => rm(join(host.home, "venvs"), { recursive: true }),
  });

  it("shows its runs without it, by a row of the list", async ({ stage, window }) => {
    await window.showSideBar("Runicorn Remote");
    await mainJob.chooseNewHost(window, "gpu");
    await window.waitForQuickInput("Python environment");
    await window.row("Sync Runs…").waitFor();
    await stage.picture("without-runicorn");
    await window.pick("Sync Runs…");
    await mainJob.chooseRoot(window);
    await window.waitForQuickInput("Sync mode");
    await window.pick("Smart");
    await window.treeItem("Runs", /gpu/).first().waitFor();
    await window.treeItem("Runs", "language/bert-sst2").first().waitFor();
  });
});
