import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect } from "vitest";
import { processesIn } from "../support/processes.js";
import { makeEnvironment } from "../support/runicorn/environments.js";
import { configureRoot } from "../support/runicorn/hostHome.js";
import { runicornVersions } from "../support/runicorn/install.js";
import { sampleRuns } from "../support/runicorn/sampleRuns.js";
import { until } from "../support/until.js";
import * as mainJob from "../support/vscode/mainJob.js";
import { watchQuestions } from "../support/vscode/questions.js";
import { windowTest } from "../support/vscode/windowTest.js";

/** FAULT_ROUNDS: how often the window is killed (default 1). */
const rounds = Array.from({ length: Number(process.env["FAULT_ROUNDS"] ?? 1) }, (_, index) => index + 1);

/** The tests build on one another. */
describe("the machine that VS Code works on", { timeout: 200_000 }, () => {
  const it = windowTest({
    version: "newest",
    prepare: async ({ window, laptop }) => {
      const [train, root] = [join(laptop, "venvs", "train"), join(laptop, "own-runs")];
      await mkdir(root);
      await makeEnvironment(train, runicornVersions.newest);
      await configureRoot(laptop, root);
      await sampleRuns(root, train, laptop);
      await window.showSideBar("Runicorn Remote");
    },
  });

  /** Process numbers of the viewers that run here. */
  const viewers = async (laptop: string): Promise<number[]> =>
    (await processesIn(laptop))
      .filter(({ commandLine }) => commandLine.includes("-m runicorn viewer"))
      .map(({ pid }) => pid);

  it("is offered as a host, and shows its viewer without ssh and without a question", async ({ stage }) => {
    const { window, laptop } = stage;
    const asked = await watchQuestions(window);
    await mainJob.chooseHost(window, "This Machine");
    await mainJob.waitForViewer(window, "resnet50-cifar10");
    expect((await asked()).filter((title) => !/Connect to Host/.test(title))).toEqual([]);
    expect(await viewers(laptop)).toHaveLength(1);
    const ofSsh = (await processesIn(laptop)).filter(({ commandLine }) => /(^|\/)ssh /.test(commandLine));
    expect(ofSsh).toEqual([]);
    await window.treeItem("Connections", "This Machine").waitFor();
    await stage.picture("this-machine");
  });

  it("finds its viewer again when the window is loaded anew", async ({ window, laptop }) => {
    const before = await viewers(laptop);
    await window.untilSaved();
    await window.reload();
    await mainJob.waitForViewer(window, "resnet50-cifar10");
    expect(await viewers(laptop)).toEqual(before);
  });

  it.for(rounds)("finds it again when the window was killed (%i)", async (_, { window, laptop }) => {
    const before = await viewers(laptop);
    await window.untilSaved();
    for (const { pid, commandLine } of await processesIn(laptop)) {
      if (commandLine.includes("--type=extensionHost")) process.kill(pid, "SIGKILL");
    }
    await window.reload();
    await mainJob.waitForViewer(window, "resnet50-cifar10");
    expect(await viewers(laptop)).toEqual(before);
  });

  it("says so when its viewer is killed, and starts another one", async ({ window, laptop }) => {
    const before = await viewers(laptop);
    for (const pid of before) process.kill(pid, "SIGKILL");
    await window.treeItem("Connections", "failed").waitFor();
    await window.chooseOnTreeItem("Connections", "failed", "Restart Viewer");
    await mainJob.waitForViewer(window, "resnet50-cifar10");
    expect(await viewers(laptop)).toHaveLength(1);
    expect(await viewers(laptop)).not.toEqual(before);
  });

  it("says what is wrong with a root for as long as that is written", async ({ window, laptop }) => {
    await window.command("Runicorn: Open Viewer With…");
    await mainJob.waitForEnvironments(window, "train");
    await window.pick("train");
    await window.waitForQuickInput("Storage root");
    await window.quickInputBox.fill("/etc/passwd");
    await window.row("/etc/passwd").waitFor();
    await window.page.keyboard.press("ArrowDown");
    await window.quickInput.locator(".monaco-list-row.focused", { hasText: "Browse…" }).waitFor();
    await window.page.keyboard.press("Enter");
    await window.row("is not a folder").waitFor();
    // VS Code tells a moment later that the box was emptied.
    await delay(1_000);
    expect(await window.row("is not a folder").count()).toBe(1);
    await window.page.keyboard.press("Escape");
    await window.quickInput.waitFor({ state: "hidden" });
    expect(await viewers(laptop)).toHaveLength(1);
  });

  it("offers nothing that is about SSH, and has nothing left of a viewer that was stopped", async ({
    window,
    laptop,
  }) => {
    const menu = window.page.locator(".monaco-menu .action-label");
    await window.treeItem("Connections", "This Machine").click({ button: "right" });
    await menu.filter({ hasText: "Disconnect" }).first().waitFor();
    const actions = await menu.allInnerTexts();
    await window.page.keyboard.press("Escape");
    expect(actions.some((one) => one.startsWith("Disconnect"))).toBe(true);
    expect(actions.filter((one) => /SSH|ssh|Diagnose|Duplicate/.test(one))).toEqual([]);
    await window.command("Runicorn: Copy SSH Command");
    await window.notification("No saved connection uses SSH.").waitFor();
    await window.pressOnTreeItem("Connections", "running", "Stop Viewer");
    await until("no viewer is left", async () => (await viewers(laptop)).length === 0);
  });
});
