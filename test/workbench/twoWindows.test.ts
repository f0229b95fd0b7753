import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { processesIn } from "../support/processes.js";
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

  const viewerPids = async (): Promise<number[]> =>
    (await processesIn(stage.host.home))
      .filter(({ commandLine }) => commandLine.includes("-m runicorn viewer"))
      .map(({ pid }) => pid);

  it("is found by the second one when it connects to the host, and shown there too", async () => {
    const folder = join(stage.laptop, "other-project");
    await mkdir(folder);
    second = await stage.window.openAnother(folder);
    await second.showSideBar("Runicorn Remote");
    await mainJob.chooseHost(second, "gpu");
    await mainJob.waitForEnvironments(second, "train");
    await second.page.keyboard.press("Escape");
    await second.treeItem("Connections", "running").click();
    await mainJob.waitForViewer(second, "resnet50-cifar10");
    await stage.picture("second-window", second);
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
