import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import * as mainJob from "../support/vscode/mainJob.js";
import { setStage, type Stage } from "../support/vscode/stage.js";

describe("a host where no Python has Runicorn", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage({ version: "newest" });
    await rm(join(stage.host.home, "venvs"), { recursive: true });
  });
  afterAll(() => stage.dispose());

  it("shows its runs without it, by a row of the list", async () => {
    const { window } = stage;
    await window.showSideBar("Runicorn Remote");
    await mainJob.chooseHost(window, "gpu");
    await window.waitForQuickInput("Unknown host key");
    await window.pick("Trust and Connect");
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
