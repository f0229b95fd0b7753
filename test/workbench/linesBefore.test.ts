import { readFile } from "node:fs/promises";
import { describe, expect } from "vitest";
import type { SavedConnection } from "../../src/savedConnections.js";
import { runicornVersions } from "../support/runicorn/install.js";
import { makeModulePython, type ModulePython, noModulePython } from "../support/runicorn/modulePython.js";
import { until } from "../support/until.js";
import * as mainJob from "../support/vscode/mainJob.js";
import { windowTest } from "../support/vscode/windowTest.js";

describe.skipIf(noModulePython)(`lines to run before a Python (${noModulePython ?? "here"})`, () => {
  let module: ModulePython;
  const it = windowTest({
    version: "newest",
    severalEnvironments: true,
    prepare: async ({ host }) => {
      module = await makeModulePython(host.home, runicornVersions.newest);
    },
  });

  it("are entered where the list says that it lacks a library, and then it starts a viewer", async ({
    stage,
    window,
  }) => {
    await window.showSideBar("Runicorn Remote");
    await mainJob.chooseNewHost(window, "gpu");
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
