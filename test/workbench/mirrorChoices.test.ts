import { rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { picturesInThemes } from "../support/vscode/picturesInThemes.js";
import { until } from "../support/until.js";
import type { Window } from "../support/vscode/window.js";
import * as mainJob from "../support/vscode/mainJob.js";
import { windowTest } from "../support/vscode/windowTest.js";

/** What a person sees before a mirror starts, and chooses. The tests build on one another, as a person's steps do. */
describe("the choices of a mirror, in the newest VS Code", () => {
  const start = "Start Mirror";
  const keep = "Keep What the Host Deletes";
  const it = windowTest({
    version: "newest",
    prepare: async ({ window }) => {
      await window.showSideBar("Runicorn Remote");
      await window.command("Runicorn: Sync Runs to This Machine…");
      await window.waitForQuickInput("Connect to Host");
      await window.pick("gpu");
      await mainJob.trustHostKey(window);
    },
  });

  /** Up to the question what the mirror is to be like. */
  const chooseMirror = async (window: Window): Promise<void> => {
    await window.waitForQuickInput("Storage root");
    await window.page.keyboard.press("Enter");
    await window.waitForQuickInput("Sync mode");
    await window.pick("Mirror");
    await window.waitForQuickInput("Mirror runs");
  };

  it("are shown with what would be copied, and leave nothing behind where nothing is started", async ({
    window,
  }) => {
    await chooseMirror(window);
    expect(await window.row(start).innerText()).toMatch(/to copy: \d+ files, [\d.]+ .?i?B/);
    expect(await window.row(keep).innerText()).toContain("off");
    await window.page.keyboard.press("Escape");
    await window.quickInputBox.waitFor({ state: "hidden" });
    await window.command("Runicorn: Sync Runs to This Machine…");
    await chooseMirror(window);
    expect(await window.treeItem("Runs", "nothing copied yet").count()).toBe(0);
  });

  it("are made, and the sizes follow", async ({ stage, window }) => {
    const before = await window.row(start).innerText();
    await window.pick(keep);
    await until("it is on", async () => / on\b/.test(await window.row(keep).innerText()));
    await window.pick("Exclude…");
    await window.type("events.jsonl", "Exclude from the Mirror");
    await window.waitForQuickInput("Mirror runs");
    await until("the pattern is shown", async () =>
      (await window.row("Exclude…").innerText()).includes("events.jsonl"),
    );
    const after = await window.row(start).innerText();
    expect(after).toMatch(/excluded: \d+ files/);
    expect(after).not.toBe(before);
    await stage.picture("mirror-choices");
    await window.pick(start);
    await window.treeItem("Runs", "mixup").waitFor();
    await window.treeItem("Runs", /runs . gpu.*mirror, updated/).waitFor();
  });

  it("keep a run that is deleted on the host, and show it as such", async ({ stage, window, host }) => {
    await rm(join(host.root, "runs"), { recursive: true });
    await window.pressOnTreeItem("Runs", /runs . gpu/, "Sync Now");
    const kept = window.treeItem("Runs", "Deleted on the Host");
    await kept.waitFor();
    await kept.click();
    await window.treeItem("Runs", "mixup").waitFor();
    await picturesInThemes(stage, "mirror-kept");
  });

  it("can be changed later", async ({ window }) => {
    await window.chooseOnTreeItem("Runs", /runs . gpu/, "Change Sync…");
    await window.waitForQuickInput("Sync mode");
    await window.pick("Mirror");
    await window.waitForQuickInput("Mirror runs");
    expect(await window.row(keep).innerText()).toMatch(/ on\b/);
    expect(await window.row("Exclude…").innerText()).toContain("events.jsonl");
    await window.pick("Exclude…");
    await window.type("", "Exclude from the Mirror");
    await window.waitForQuickInput("Mirror runs");
    await window.pick(start);
    await window.treeItem("Runs", /runs . gpu.*mirror, updated/).waitFor();
  });
});
