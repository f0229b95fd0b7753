import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { makeKey } from "../support/sshd.js";
import { violationsIn, violationsInThemes } from "../support/vscode/axe.js";
import * as mainJob from "../support/vscode/mainJob.js";
import type { Window } from "../support/vscode/window.js";
import { windowTest } from "../support/vscode/windowTest.js";

/** Pages of ours, looked at by axe in each of their states. Runicorn's own page is not ours. All colours: `npm run test:windows`. */
describe("a page of ours is accessible", () => {
  const it = windowTest({
    version: "newest",
    prepare: ({ window }) => window.showSideBar("Runicorn Remote"),
  });

  const expectNone = async (window: Window, text: string): Promise<void> => {
    const page = await window.panelText(text);
    expect.soft(await violationsIn(page), text).toEqual([]);
  };
  const expectNoneInThemes = async (window: Window, text: string): Promise<void> => {
    const page = await window.panelText(text);
    expect.soft(await violationsInThemes(window, page), text).toEqual([]);
  };

  it("where there is no host to be looked at", async ({ window }) => {
    await window.command("Runicorn: Hosts at a Glance");
    await expectNone(window, "No host is connected.");
    await window.command("View: Close All Editors");
  });

  it("where a connection is diagnosed: a cause, and that all is well", async ({ window, sshd }) => {
    await sshd.halt();
    await mainJob.chooseHost(window, "gpu");
    await window.pressInPanel("refuses connections", "Diagnose Connection");
    await window.panelText("TCP connection: ");
    await expectNoneInThemes(window, "TCP connection: ");
    await sshd.resume();
    await window.pressInPanel("refuses connections", "Diagnose Again");
    await window.waitForQuickInput("Unknown host key");
    await expectNone(window, "Diagnosing the connection");
    await window.pick("Trust and Connect");
    await window.panelText("can be used: every step passed", 60_000);
    await expectNone(window, "can be used: every step passed");
  });

  it("around a viewer", async ({ window }) => {
    await window.command("View: Close All Editors");
    await mainJob.chooseHost(window, "gpu");
    const frame = await mainJob.waitForViewer(window, "resnet50-cifar10");
    await mainJob.closeRunicornSettings(frame);
    expect.soft(await violationsIn(frame.parentFrame()!)).toEqual([]);
  });

  it("over a viewer that is reconnected to, and nobody tabs into what lies below", async ({ stage }) => {
    const { window, sshd } = stage;
    const frame = await window.frame(/^http:\/\/\d+\.localhost:/);
    const page = frame.parentFrame()!;
    await page.locator("iframe").focus();
    await sshd.halt();
    await window.panelText("Reconnecting to gpu");
    expect(await page.title()).toBe("runs · gpu");
    expect.soft(await violationsIn(page)).toEqual([]);
    expect(await page.locator("iframe").getAttribute("aria-hidden")).toBe("true");
    const focused = (): Promise<string> => page.evaluate("document.activeElement.localName");
    expect(await focused()).toBe("h1");
    const seen = new Set<string>();
    for (let tab = 0; tab < 5; tab += 1) {
      await window.page.keyboard.press("Tab");
      seen.add(await focused());
    }
    expect([...seen]).toContain("vscode-button");
    expect([...seen]).not.toContain("iframe");
  });

  it("where an end is not confirmed, and where it is", async ({ window, sshd }) => {
    await window.command("Runicorn: Stop Viewer");
    await expectNone(window, "could not be confirmed");
    await sshd.resume();
    await window.pressInPanel("could not be confirmed", "Try Again");
    await expectNoneInThemes(window, "Nothing of it is left running on the host.");
  });

  it("while a viewer is on its way", async ({ window }) => {
    await window.pressInPanel("was stopped", "Start Again");
    await expectNone(window, "Opening the viewer on gpu");
    await mainJob.waitForViewer(window, "resnet50-cifar10");
  });

  it("with charts", async ({ stage, window }) => {
    await window.command("Runicorn: Sync Runs to This Machine…");
    await mainJob.chooseRootToCopy(stage, "Smart");
    await window.treeItem("Runs", "resnet50-cifar10").waitFor();
    await window.showRunCharts(/resnet50-cifar10/);
    const page = await window.panelText("train_loss");
    await page.locator("section canvas").first().waitFor();
    await expectNoneInThemes(window, "train_loss");
    await page.locator(".plot").first().focus();
    await window.page.keyboard.press("ArrowRight");
    await window.page.keyboard.press("+");
    await page.getByText("Reset Zoom").locator("visible=true").waitFor();
    await expectNone(window, "Reset Zoom");
    await page.locator('input[type="search"]').fill("no such metric");
    await expectNone(window, "No metric matches the filter.");
  });

  it("over a viewer whose host has another key", async ({ stage, window, sshd }) => {
    await window.command("View: Close Editor");
    const other = join(sshd.folder, "other");
    makeKey(other, "ed25519", "");
    const file = stage.dataFile("known_hosts");
    const [name = ""] = (await readFile(file, "utf8")).split(" ");
    await sshd.halt();
    await window.panelText("Reconnecting to gpu");
    await writeFile(file, `${name} ${await readFile(`${other}.pub`, "utf8")}`);
    await sshd.resume();
    await window.panelText("gpu is not connected.");
    await expectNoneInThemes(window, "gpu is not connected.");
    await window.command("Runicorn: Hosts at a Glance");
    await expectNone(window, "key changed");
  });
});
