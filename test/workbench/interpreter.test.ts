import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import * as mainJob from "../support/vscode/mainJob.js";
import { setStage, type Stage } from "../support/vscode/stage.js";

describe("a Python that the search does not find", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage({ version: "newest", severalEnvironments: true });
  });
  afterAll(() => stage.dispose());

  it("is taken by its path, and a wrong path is asked about again", async () => {
    const { window, host } = stage;
    await window.showSideBar("Runicorn Remote");
    await mainJob.chooseHost(window, "gpu");
    await window.waitForQuickInput("Unknown host key");
    await window.pick("Trust and Connect");
    await mainJob.waitForEnvironments(window, "train");
    await stage.picture("environments");
    await window.pick("Enter the path of a Python");
    await window.waitForQuickInput("Python on gpu");
    await window.type("/nowhere/python");
    await window.quickInput.getByText("there is no such file").waitFor();
    await stage.picture("wrong-interpreter");
    await window.type(join(host.home, "venvs", "train", "bin", "python"));
    await window.treeItem("Connections", "running").waitFor();
  });
});
