import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { processesIn, viewerPidsIn } from "../support/processes.js";
import type { HostHome } from "../support/runicorn/hostHome.js";
import { until } from "../support/until.js";
import * as mainJob from "../support/vscode/mainJob.js";
import type { Window } from "../support/vscode/window.js";
import { windowTest } from "../support/vscode/windowTest.js";

/** Two windows with one viewer, where closing stops it. The tests build on one another. */
describe("a viewer in two windows", () => {
  let second: Window;
  let pids: number[];
  const it = windowTest({
    version: "newest",
    settings: { "runicorn.viewer.graceMinutes": 0 },
    prepare: async ({ window, host }) => {
      await mainJob.openFirstViewer(window, "gpu");
      pids = await viewerPids(host);
      expect(pids).toHaveLength(1);
    },
  });

  const viewerPids = (host: HostHome): Promise<number[]> => viewerPidsIn(host.home);

  it("is found by the second one when it connects to the host, and shown there too", async ({ stage }) => {
    const { window, host, laptop } = stage;
    const folder = join(laptop, "other-project");
    await mkdir(folder);
    second = await window.openAnother(folder);
    await second.showSideBar("Runicorn Remote");
    await mainJob.chooseHost(second, "gpu");
    await mainJob.waitForViewer(second, "resnet50-cifar10");
    await stage.picture("second-window", second);
    expect(await viewerPids(host)).toEqual(pids);
  });

  it("is shown by the first one too where the second one has started it, and kept or not as either says", async ({
    stage,
    window,
    host,
  }) => {
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
    expect(await viewerPids(host)).toEqual(pids);
  });

  it("lives on when one of them is closed, and ends with the last one", async ({ window, host, laptop }) => {
    await window.close();
    await until("one extension host is left", async () => (await extensionHosts(laptop)) === 1);
    const frame = await mainJob.waitForViewer(second, "resnet50-cifar10");
    expect(await mainJob.healthThroughTunnel(frame)).toMatchObject({ storage: host.root });
    await second.treeItem("Connections", "running").waitFor();
    expect(await viewerPids(host)).toEqual(pids);
    await second.close();
    await until("no viewer on the host", async () => (await viewerPids(host)).length === 0);
  });

  const extensionHosts = async (laptop: string): Promise<number> =>
    (await processesIn(laptop)).filter(({ commandLine }) => commandLine.includes("--type=extensionHost"))
      .length;
});
