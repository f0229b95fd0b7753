import { describe, expect } from "vitest";
import { viewersIn } from "../support/processes.js";
import { until } from "../support/until.js";
import * as mainJob from "../support/vscode/mainJob.js";
import type { Stage } from "../support/vscode/stage.js";
import type { Window } from "../support/vscode/window.js";
import { windowTest } from "../support/vscode/windowTest.js";

/** Milliseconds until a viewer whose window is closed is ended by its host: twelve seconds of grace, and some to spare. */
const leaseHasEnded = 60_000;

/** `npm run test:nights`: each takes most of a minute. */
const hasNights = process.env["NIGHTS"] === "1";

describe("the tab of a viewer that has ended", () => {
  const it = windowTest({
    version: "newest",
    settings: { "runicorn.viewer.graceMinutes": 0.2 },
    prepare: ({ window }) => mainJob.openFirstViewer(window, "gpu"),
  });

  const stop = async ({ window, host }: Stage): Promise<void> => {
    await window.pressOnTreeItem("Connections", "running", "Stop Viewer");
    await until("no viewer on the host", async () => (await viewersIn(host.home)).length === 0);
  };
  const isBack = async (window: Window): Promise<void> => {
    await mainJob.waitForViewer(window, "resnet50-cifar10");
    await window.treeItem("Connections", "running").waitFor();
    expect(await window.tabs.count()).toBe(1);
    expect(await window.quickInput.isVisible()).toBe(false);
  };
  /** The window is left, and comes back when the host has ended the viewer. */
  const sleepOverNight = async ({ window, host }: Stage): Promise<void> => {
    await window.untilSaved();
    const address = window.page.url();
    await window.page.goto("about:blank");
    await until("its lease has ended", async () => (await viewersIn(host.home)).length === 0, leaseHasEnded);
    await window.page.goto(address);
    await window.showSideBar("Runicorn Remote");
  };

  it("starts it again in place, and shows the steps", async ({ stage, window }) => {
    await stop(stage);
    await window.panelText("Nothing of it is left running on the host.");
    await stage.picture("stopped-card");
    await window.pressInPanel("was stopped", "Start Again");
    await window.panelText("Opening the viewer on gpu");
    await stage.picture("starting-steps");
    await isBack(window);
  });

  it("is taken again by a click on the connection", async ({ stage, window }) => {
    await stop(stage);
    await window.panelText("was stopped");
    await window.treeItem("Connections", "gpu").click();
    await isBack(window);
  });

  it("is the only one, also where the connection is clicked again while the viewer starts", async ({
    stage,
    window,
  }) => {
    await stop(stage);
    await window.treeItem("Connections", "gpu").click();
    await window.treeItem("Connections", "starting").waitFor();
    await window.treeItem("Connections", "gpu").click();
    await isBack(window);
  });

  it("connects to the host again where that was left", async ({ window, host }) => {
    await window.command("Runicorn: Disconnect from Host");
    await window.answerDialog("Stop and Disconnect");
    await until("no viewer on the host", async () => (await viewersIn(host.home)).length === 0);
    await window.pressInPanel("was stopped", "Start Again");
    await isBack(window);
  });

  it("asks for the environment and the root in place, too, and is as before when that is cancelled", async ({
    stage,
    window,
  }) => {
    await stop(stage);
    await window.pressInPanel("was stopped", "Open Viewer With");
    await mainJob.waitForEnvironments(window, "train");
    await window.page.keyboard.press("Escape");
    await window.panelText("was stopped");
    await window.pressInPanel("was stopped", "Open Viewer With");
    await mainJob.waitForEnvironments(window, "train");
    await window.pick("train");
    await mainJob.chooseRoot(window);
    await isBack(window);
  });

  it("shows what went wrong in place", async ({ stage, window, sshd }) => {
    await window.command("Runicorn: Disconnect from Host");
    await window.answerDialog("Stop and Disconnect");
    await window.panelText("was stopped");
    await sshd.halt();
    await window.pressInPanel("was stopped", "Start Again");
    await window.panelText("refuses connections");
    await stage.picture("failed-card");
    await sshd.resume();
    await window.pressInPanel("refuses connections", "Try Again");
    await isBack(window);
  });

  it.runIf(hasNights)(
    "says the next morning what happened, and starts it again in place",
    async ({ stage, window }) => {
      await sleepOverNight(stage);
      await window.panelText("this computer was out of reach for");
      await stage.picture("next-morning");
      await window.pressInPanel("this computer was out of reach for", "Start Again");
      await isBack(window);
    },
    200_000,
  );

  it.runIf(hasNights)(
    "starts it again unasked the next morning, where the setting says so",
    async ({ stage, window }) => {
      await stage.changeSettings({ "runicorn.viewer.startAgain": true });
      await sleepOverNight(stage);
      await isBack(window);
    },
    200_000,
  );

  it("starts nothing unasked that the person stopped", async ({ stage, window, host }) => {
    await stage.changeSettings({ "runicorn.viewer.startAgain": true });
    await stop(stage);
    await window.panelText("was stopped");
    await window.untilSaved();
    await window.reload();
    await window.panelText("was stopped");
    await window.treeItem("Connections", "gpu").waitFor();
    expect(await viewersIn(host.home)).toEqual([]);
    expect(await window.tabs.count()).toBe(1);
  });
});
