import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { viewersIn } from "../support/processes.js";
import { until } from "../support/until.js";
import * as mainJob from "../support/vscode/mainJob.js";
import { setStage, type Stage } from "../support/vscode/stage.js";

/** Milliseconds until a viewer whose window is closed is ended by its host: twelve seconds of grace, and some to spare. */
const leaseHasEnded = 60_000;

/** `npm run test:nights`: each takes most of a minute. */
const hasNights = process.env["NIGHTS"] === "1";

describe("the tab of a viewer that has ended", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage({ version: "newest", settings: { "runicorn.viewer.graceMinutes": 0.2 } });
    await mainJob.openFirstViewer(stage.window, "gpu");
  });
  afterAll(() => stage.dispose());

  const stop = async (): Promise<void> => {
    await stage.window.pressOnTreeItem("Connections", "running", "Stop Viewer");
    await until("no viewer on the host", async () => (await viewersIn(stage.host.home)).length === 0);
  };
  const isBack = async (): Promise<void> => {
    await mainJob.waitForViewer(stage.window, "resnet50-cifar10");
    await stage.window.treeItem("Connections", "running").waitFor();
    expect(await stage.window.tabs.count()).toBe(1);
    expect(await stage.window.quickInput.isVisible()).toBe(false);
  };
  /** The window is left, and comes back when the host has ended the viewer. */
  const sleepOverNight = async (): Promise<void> => {
    const { window, host } = stage;
    await window.untilSaved();
    const address = window.page.url();
    await window.page.goto("about:blank");
    await until("its lease has ended", async () => (await viewersIn(host.home)).length === 0, leaseHasEnded);
    await window.page.goto(address);
    await window.showSideBar("Runicorn Remote");
  };

  it("starts it again in place, and shows the steps", async () => {
    const { window } = stage;
    await stop();
    await window.panelText("Nothing of it is left running on the host.");
    await stage.picture("stopped-card");
    await window.pressInPanel("was stopped", "Start Again");
    await window.panelText("Opening the viewer on gpu");
    await stage.picture("starting-steps");
    await isBack();
  });

  it("is taken again by a click on the connection", async () => {
    await stop();
    await stage.window.panelText("was stopped");
    await stage.window.treeItem("Connections", "gpu").click();
    await isBack();
  });

  it("is the only one, also where the connection is clicked again while the viewer starts", async () => {
    const { window } = stage;
    await stop();
    await window.treeItem("Connections", "gpu").click();
    await window.treeItem("Connections", "starting").waitFor();
    await window.treeItem("Connections", "gpu").click();
    await isBack();
  });

  it("connects to the host again where that was left", async () => {
    const { window, host } = stage;
    await window.command("Runicorn: Disconnect from Host");
    await window.answerDialog("Stop and Disconnect");
    await until("no viewer on the host", async () => (await viewersIn(host.home)).length === 0);
    await window.pressInPanel("was stopped", "Start Again");
    await isBack();
  });

  it("asks for the environment and the root in place, too, and is as before when that is cancelled", async () => {
    const { window } = stage;
    await stop();
    await window.pressInPanel("was stopped", "Open Viewer With");
    await mainJob.waitForEnvironments(window, "train");
    await window.page.keyboard.press("Escape");
    await window.panelText("was stopped");
    await window.pressInPanel("was stopped", "Open Viewer With");
    await mainJob.waitForEnvironments(window, "train");
    await window.pick("train");
    await mainJob.chooseRoot(window);
    await isBack();
  });

  it("shows what went wrong in place", async () => {
    const { window, sshd } = stage;
    await window.command("Runicorn: Disconnect from Host");
    await window.answerDialog("Stop and Disconnect");
    await window.panelText("was stopped");
    await sshd.halt();
    await window.pressInPanel("was stopped", "Start Again");
    await window.panelText("refuses connections");
    await stage.picture("failed-card");
    await sshd.resume();
    await window.pressInPanel("refuses connections", "Try Again");
    await isBack();
  });

  it.runIf(hasNights)(
    "says the next morning what happened, and starts it again in place",
    async () => {
      const { window } = stage;
      await sleepOverNight();
      await window.panelText("this computer was out of reach for");
      await stage.picture("next-morning");
      await window.pressInPanel("this computer was out of reach for", "Start Again");
      await isBack();
    },
    200_000,
  );

  it.runIf(hasNights)(
    "starts it again unasked the next morning, where the setting says so",
    async () => {
      await stage.changeSettings({ "runicorn.viewer.startAgain": true });
      await sleepOverNight();
      await isBack();
    },
    200_000,
  );

  it("starts nothing unasked that the person stopped", async () => {
    const { window, host } = stage;
    await stage.changeSettings({ "runicorn.viewer.startAgain": true });
    await stop();
    await window.panelText("was stopped");
    await window.untilSaved();
    await window.reload();
    await window.panelText("was stopped");
    await window.treeItem("Connections", "gpu").waitFor();
    expect(await viewersIn(host.home)).toEqual([]);
    expect(await window.tabs.count()).toBe(1);
  });
});
