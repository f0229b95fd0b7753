import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { processesIn, viewerPidsIn } from "../support/processes.js";
import { until } from "../support/until.js";
import * as mainJob from "../support/vscode/mainJob.js";
import { setStage, type Stage } from "../support/vscode/stage.js";
import type { Window } from "../support/vscode/window.js";

/** Two windows with one viewer, where closing stops it. The tests build on one another. */
describe("a viewer in two windows", () => {
  let stage: Stage;
  let second: Window;
  let pids: number[];
  beforeAll(async () => {
    stage = await setStage({ version: "newest", settings: { "runicorn.viewer.graceMinutes": 0 } });
    await mainJob.openFirstViewer(stage.window, "gpu");
    pids = await viewerPids();
    expect(pids).toHaveLength(1);
  });
  afterAll(() => stage.dispose());

  const viewerPids = (): Promise<number[]> => viewerPidsIn(stage.host.home);

  it("is found by the second one when it connects to the host, and shown there too", async () => {
    const folder = join(stage.laptop, "other-project");
    await mkdir(folder);
    second = await stage.window.openAnother(folder);
    await second.showSideBar("Runicorn Remote");
    await mainJob.chooseHost(second, "gpu");
    await mainJob.waitForViewer(second, "resnet50-cifar10");
    await stage.picture("second-window", second);
    expect(await viewerPids()).toEqual(pids);
  });

  it("is shown by the first one too where the second one has started it, and kept or not as either says", async () => {
    const { window, host } = stage;
    await second.command("Runicorn: Open Viewer With…");
    await mainJob.waitForEnvironments(second, "train");
    await second.pick("train");
    await mainJob.chooseRoot(second, `${host.home}/other`);
    await second.pick("Create Folder");
    await window.treeItem("Connections", /^other\s*running/).waitFor();
    await second.chooseOnTreeItem("Connections", /^other/, "Keep Viewer Running");
    await window.treeItem("Connections", /^other\s*running, kept/).waitFor();
    await stage.picture("kept-in-another-window");
    // A browser draws little in a tab behind another.
    await window.page.bringToFront();
    await window.chooseOnTreeItem("Connections", /^other/, "Don't Keep Viewer Running");
    await second.treeItem("Connections", "kept").waitFor({ state: "hidden" });
    await second.page.bringToFront();
    await second.pressOnTreeItem("Connections", /^other/, "Stop Viewer");
    await window.treeItem("Connections", /^other/).waitFor({ state: "hidden" });
    expect(await viewerPids()).toEqual(pids);
  });

  it("lives on when one of them is closed, and ends with the last one", async () => {
    await stage.window.close();
    await until("one extension host is left", async () => (await extensionHosts()) === 1);
    const frame = await mainJob.waitForViewer(second, "resnet50-cifar10");
    expect(await mainJob.healthThroughTunnel(frame)).toMatchObject({ storage: stage.host.root });
    await second.treeItem("Connections", "running").waitFor();
    expect(await viewerPids()).toEqual(pids);
    await second.close();
    await until("no viewer on the host", async () => (await viewerPids()).length === 0);
  });

  const extensionHosts = async (): Promise<number> =>
    (await processesIn(stage.laptop)).filter(({ commandLine }) =>
      commandLine.includes("--type=extensionHost"),
    ).length;
});
