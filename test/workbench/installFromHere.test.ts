import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import { ensureWheels } from "../support/runicorn/install.js";
import { basePython } from "../support/runicorn/python.js";
import * as mainJob from "../support/vscode/mainJob.js";
import { setStage, type Stage } from "../support/vscode/stage.js";

describe("a host that reaches no package index", () => {
  let stage: Stage;
  beforeAll(async () => {
    const wheels = await ensureWheels(basePython().executable);
    stage = await setStage({
      version: "newest",
      environment: { PIP_NO_INDEX: "1", PIP_FIND_LINKS: wheels },
      hostEnvironment: { PIP_NO_INDEX: "1" },
    });
    await rm(join(stage.host.home, "venvs", "train"), { recursive: true });
  }, 300_000);
  afterAll(() => stage.dispose());

  it("is offered the packages of this machine where pip fails, asks once more, and shows a viewer", async () => {
    const { window } = stage;
    await window.showSideBar("Runicorn Remote");
    await mainJob.chooseHost(window, "gpu");
    await window.waitForQuickInput("Unknown host key");
    await window.pick("Trust and Connect");
    await mainJob.waitForEnvironments(window, "plain");
    await window.row("plain").click();
    await window.dialog("Install Runicorn in plain?").waitFor();
    await window.answerDialog("Install");
    await window.pressInNotification("reaches no package index", "Install from This Machine…");
    await window.dialog("Install Runicorn in plain from this machine?").waitFor();
    await stage.picture("install-from-here");
    await window.answerDialog("Install");
    await window.treeItem("Connections", "running").waitFor({ timeout: 180_000 });
  }, 300_000);
});
