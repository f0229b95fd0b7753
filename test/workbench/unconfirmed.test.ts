import { describe, expect } from "vitest";
import { viewersIn } from "../support/processes.js";
import type { HostHome } from "../support/runicorn/hostHome.js";
import { until } from "../support/until.js";
import * as mainJob from "../support/vscode/mainJob.js";
import { picturesInThemes } from "../support/vscode/picturesInThemes.js";
import type { Stage } from "../support/vscode/stage.js";
import { windowTest } from "../support/vscode/windowTest.js";

const unconfirmed = "It could not be confirmed that the viewer on gpu was stopped.";
const whatHappens =
  "It is stopped as soon as you connect to that host again, and ends by itself within 10 minutes.";

describe("an end that the host does not confirm", () => {
  const it = windowTest({
    version: "newest",
    prepare: ({ window }) => mainJob.openFirstViewer(window, "gpu"),
  });

  const viewersLeft = async (host: HostHome): Promise<number> => (await viewersIn(host.home)).length;
  const expectConfirmed = async ({ window, host }: Stage): Promise<void> => {
    await window.panelText("Nothing of it is left running on the host.");
    await window.treeItem("Connections", "stop not confirmed").waitFor({ state: "hidden" });
    expect(await viewersLeft(host)).toBe(0);
  };

  it("of Stop Viewer is told with what happens next, and Try Again is answered when the host is back", async ({
    stage,
  }) => {
    const { window, sshd, host } = stage;
    await sshd.halt();
    await window.panelText("Reconnecting to gpu");
    await window.command("Runicorn: Stop Viewer");
    await window.panelText(unconfirmed);
    await window.panelText(whatHappens);
    // The panel says it, and unsays it: a message in the corner would stay.
    expect(await window.notification(unconfirmed).count()).toBe(0);
    await window.treeItem("Connections", "stop not confirmed").waitFor();
    await picturesInThemes(stage, "unconfirmed-stop");
    await window.pressInPanel(unconfirmed, "Try Again");
    await window.notification("refuses connections").waitFor();
    await window.panelText(unconfirmed);
    expect(await viewersLeft(host)).toBeGreaterThan(0);
    await sshd.resume();
    await window.pressInPanel(unconfirmed, "Try Again");
    await expectConfirmed(stage);
    await stage.picture("confirmed-stop");
  });

  it("of Disconnect is told as well, and Try Again asks nothing", async ({ stage, window, sshd, host }) => {
    await window.pressInPanel("was stopped", "Start Again");
    await mainJob.waitForViewer(window, "resnet50-cifar10");
    const frozen = await sshd.sessions();
    for (const pid of frozen) process.kill(pid, "SIGSTOP");
    try {
      await window.command("Runicorn: Disconnect from Host");
      await window.answerDialog("Stop and Disconnect");
      await window.notification(unconfirmed).getByText(whatHappens).waitFor();
      await window.panelText(unconfirmed);
      await stage.picture("unconfirmed-disconnect");
      expect(await viewersLeft(host)).toBeGreaterThan(0);
      await window.pressInNotification(unconfirmed, "Try Again");
      await expectConfirmed(stage);
    } finally {
      for (const pid of frozen) process.kill(pid, "SIGCONT");
    }
    await until("it is disconnected", () =>
      window.treeItem("Connections", /^gpu\s*not connected/).isVisible(),
    );
  });

  it("of a host that is being reconnected to can be asked for in the tree", async ({ stage }) => {
    const { window, sshd } = stage;
    await window.pressInPanel("was stopped", "Start Again");
    await mainJob.waitForViewer(window, "resnet50-cifar10");
    await sshd.halt();
    await window.treeItem("Connections", "reconnecting…").waitFor();
    await window.command("Runicorn: Restart Viewer");
    await window.notification("gpu is being reconnected to").waitFor();
    await window.pressOnTreeItem("Connections", "reconnecting…", "Disconnect from Host");
    await window.page
      .locator(".monaco-dialog-box", { hasText: "Disconnect from gpu, where a viewer runs?" })
      .waitFor();
    expect(await window.page.locator(".monaco-button", { hasText: "Leave Running" }).count()).toBe(0);
    await window.answerDialog("Stop and Disconnect");
    await window.panelText(unconfirmed);
    await window.treeItem("Connections", /^gpu\s*not connected/).waitFor();
    await sshd.resume();
    await window.pressInPanel(unconfirmed, "Try Again");
    await expectConfirmed(stage);
  });
});
