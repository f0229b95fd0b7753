import { join } from "node:path";
import { describe } from "vitest";
import * as mainJob from "../support/vscode/mainJob.js";
import { windowTest } from "../support/vscode/windowTest.js";

describe("a Python that the search does not find", () => {
  const it = windowTest({ version: "newest", severalEnvironments: true });

  it("is taken by its path, and a wrong path is asked about again", async ({ stage, window, host }) => {
    await window.showSideBar("Runicorn Remote");
    await mainJob.chooseNewHost(window, "gpu");
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
