import { rm } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe } from "vitest";
import { ensureWheels } from "../support/runicorn/install.js";
import { basePython } from "../support/runicorn/python.js";
import * as mainJob from "../support/vscode/mainJob.js";
import { setStage } from "../support/vscode/stage.js";
import { sceneTest } from "../support/vscode/windowTest.js";

describe("a host that reaches no package index", () => {
  let wheels: string;
  beforeAll(async () => {
    wheels = await ensureWheels(basePython().executable);
  });
  const it = sceneTest(
    () =>
      setStage({
        version: "newest",
        environment: { PIP_NO_INDEX: "1", PIP_FIND_LINKS: wheels },
        hostEnvironment: { PIP_NO_INDEX: "1" },
      }),
    ({ host }) => rm(join(host.home, "venvs", "train"), { recursive: true }),
  );

  it("is offered the packages of this machine where pip fails, asks once more, and shows a viewer", async ({
    stage,
    window,
  }) => {
    await window.showSideBar("Runicorn Remote");
    await mainJob.chooseNewHost(window, "gpu");
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
