import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SavedConnection } from "../../src/savedConnections.js";
import { runicornVersions } from "../support/runicorn/install.js";
import { makeModulePython, type ModulePython, noModulePython } from "../support/runicorn/modulePython.js";
import { until } from "../support/until.js";
import * as mainJob from "../support/vscode/mainJob.js";
import { setStage, type Stage } from "../support/vscode/stage.js";

describe.skipIf(noModulePython)(`lines to run before a Python (${noModulePython ?? "here"})`, () => {
  let stage: Stage;
  let module: ModulePython;
  beforeAll(async () => {
    stage = await setStage({ version: "newest", severalEnvironments: true });
    module = await makeModulePython(stage.host.home, runicornVersions.newest);
  });
  afterAll(() => stage.dispose());

  it("are entered where the list says that it lacks a library, and then it starts a viewer", async () => {
    const { window } = stage;
    await window.showSideBar("Runicorn Remote");
    await mainJob.chooseHost(window, "gpu");
    await window.waitForQuickInput("Unknown host key");
    await window.pick("Trust and Connect");
    await mainJob.waitForEnvironments(window, "train");
    await window.quickInputBox.fill("module");
    await window.quickInput.getByText("enter lines to run before").first().waitFor();
    await stage.picture("lacking-environment");
    await window.row("module").click();
    await window.waitForQuickInput("Lines to run before module");
    await window.pick("Add a Line");
    await window.waitForQuickInput("Line to Run Before");
    await window.type(module.line);
    await window.waitForQuickInput("Lines to run before module");
    await window.row(module.line).waitFor();
    await stage.picture("lines-to-run-before");
    const [saved] = JSON.parse(
      await readFile(stage.dataFile("connections.json"), "utf8"),
    ) as SavedConnection[];
    expect(saved?.environmentLines).toEqual({ [module.python]: module.line });
    await window.page.keyboard.press("Escape");
    await window.waitForQuickInput("Python environment");
    await until("it is listed as one that runs", async () =>
      (await window.row("module").innerText()).includes(`Runicorn ${runicornVersions.newest}`),
    );
    await window.row("module").click();
    await window.treeItem("Connections", "running").waitFor();
  });
});
