import { rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { viewersIn, viewerPidsIn } from "../support/processes.js";
import { until } from "../support/until.js";
import * as mainJob from "../support/vscode/mainJob.js";
import { watchQuestions } from "../support/vscode/questions.js";
import type { Stage } from "../support/vscode/stage.js";
import type { Window } from "../support/vscode/window.js";
import { windowTest } from "../support/vscode/windowTest.js";

/** Milliseconds: each of these opens viewers more than once. */
const limit = 200_000;

/** What a person is asked at a host's first viewer, and what stands in its header. The tests build on one another. */
describe("the first viewer of a host", { timeout: limit }, () => {
  const it = windowTest({
    version: "newest",
    severalEnvironments: true,
    prepare: async ({ window, host }) => {
      // What Runicorn is not configured with is looked for.
      await rm(join(host.home, ".config", "runicorn"), { recursive: true });
      await window.showSideBar("Runicorn Remote");
    },
  });

  const stop = async ({ window, host }: Stage): Promise<void> => {
    await window.pressOnTreeItem("Connections", "running", "Stop Viewer");
    await until("no viewer on the host", async () => (await viewersIn(host.home)).length === 0);
  };
  const pressInHeader = async (window: Window, text: string): Promise<void> => {
    const page = await window.panelText(text);
    await page.locator(".header button").click();
  };

  it("asks which of several environments is meant, in a panel that is there at once and can be cancelled", async ({
    stage,
    window,
    host,
  }) => {
    await mainJob.chooseHost(window, "gpu");
    await window.panelText("Opening the viewer on gpu");
    await mainJob.trustHostKey(window);
    await mainJob.waitForEnvironments(window, "train");
    await window.panelText("waiting for your choice…");
    await stage.picture("environment-question");
    await window.pressInPanel("waiting for your choice…", "Cancel");
    await window.quickInput.waitFor({ state: "hidden" });
    await window.tabs.first().waitFor({ state: "detached" });
    expect(await viewersIn(host.home)).toEqual([]);
  });

  it("finds the only folder with runs by itself, and says in the header what was chosen", async ({
    stage,
    window,
    host,
  }) => {
    const asked = await watchQuestions(window);
    await mainJob.chooseHost(window, "gpu");
    await mainJob.waitForEnvironments(window, "train");
    await window.pick("train");
    const chosen = `train · Runicorn 0.7.2 · ${host.root} (the only folder with runs)`;
    await window.panelText("Opening the viewer on gpu");
    await window.panelText(chosen);
    await stage.picture("starting");
    const frame = await mainJob.waitForViewer(window, "resnet50-cifar10");
    await mainJob.closeRunicornSettings(frame);
    await window.panelText(chosen);
    await stage.picture("header");
    const isAnswered = (title: string): boolean => /Connect to Host|Python environment/.test(title);
    const questions = await asked();
    expect(questions.length).toBeGreaterThan(1);
    expect(questions.filter((title) => !isAnswered(title))).toEqual([]);
  });

  it("is replaced in place when another environment is chosen in its header, and stays when nothing is", async ({
    window,
    host,
  }) => {
    const before = await viewerPidsIn(host.home);
    expect(before).toHaveLength(1);
    await pressInHeader(window, "train · Runicorn 0.7.2");
    await mainJob.waitForEnvironments(window, "train");
    await window.page.keyboard.press("Escape");
    await window.quickInput.waitFor({ state: "hidden" });
    await pressInHeader(window, "train · Runicorn 0.7.2");
    await mainJob.waitForEnvironments(window, "train");
    await window.pick("train");
    await mainJob.chooseRoot(window);
    await window.quickInput.waitFor({ state: "hidden" });
    expect(await viewerPidsIn(host.home)).toEqual(before);
    await pressInHeader(window, "train · Runicorn 0.7.2");
    await mainJob.waitForEnvironments(window, "vision");
    await window.pick("vision");
    await mainJob.chooseRoot(window);
    await window.panelText(`vision/.venv · Runicorn 0.6.0 · ${host.root}`);
    // The page of the one before is shown until that has stopped.
    await until("another viewer runs, and no other", async () => {
      const now = await viewerPidsIn(host.home);
      return now.length === 1 && now[0] !== before[0];
    });
    await mainJob.waitForViewer(window, "resnet50-cifar10");
    expect(await window.tabs.count()).toBe(1);
  });

  it("is changed also while it starts, and the next time it is as it was chosen", async ({ stage }) => {
    const { window, host } = stage;
    await stop(stage);
    await window.pressInPanel("was stopped", "Start Again");
    await window.panelText("Opening the viewer on gpu");
    await pressInHeader(window, "vision/.venv · Runicorn 0.6.0");
    await mainJob.waitForEnvironments(window, "train");
    await window.pick("train");
    await mainJob.chooseRoot(window);
    await window.panelText(`train · Runicorn 0.7.2 · ${host.root}`);
    await mainJob.waitForViewer(window, "resnet50-cifar10");
    await stop(stage);
    const asked = await watchQuestions(window);
    await window.treeItem("Connections", "gpu").click();
    await window.panelText(`train · Runicorn 0.7.2 · ${host.root}`);
    await mainJob.waitForViewer(window, "resnet50-cifar10");
    expect(await asked()).toEqual([]);
    expect(await viewerPidsIn(host.home)).toHaveLength(1);
  });
});
