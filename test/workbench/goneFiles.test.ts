import { mkdir, rename, rm } from "node:fs/promises";
import { describe, expect } from "vitest";
import type { HostHome } from "../support/runicorn/hostHome.js";
import * as mainJob from "../support/vscode/mainJob.js";
import { picturesInThemes } from "../support/vscode/picturesInThemes.js";
import { windowTest } from "../support/vscode/windowTest.js";

/** A mirror whose disk is not mounted on the host, in a real window. The tests build on one another, as a person's steps do. */
describe("a mirror whose files are gone from the host, in the newest VS Code", () => {
  const aside = (host: HostHome): string => `${host.root}.aside`;
  const unmount = async (host: HostHome): Promise<void> => {
    await rename(host.root, aside(host));
    await mkdir(host.root);
  };
  const mount = async (host: HostHome): Promise<void> => {
    await rm(host.root, { recursive: true });
    await rename(aside(host), host.root);
  };
  const isEmptyNow = /The \d+ files that were copied from .* are gone: it is empty now/;
  const run = "mixup";
  const it = windowTest({
    version: "newest",
    prepare: async (stage) => {
      const { window } = stage;
      await mainJob.copyRuns(stage, "Mirror");
      await window.treeItem("Runs", run).waitFor();
      await window.treeItem("Runs", /runs . gpu.*mirror, updated/).waitFor();
    },
  });

  it("asks once, and keeps them until they are back", async ({ stage, window, host }) => {
    await unmount(host);
    await window.notification(isEmptyNow).waitFor();
    await window.treeItem("Runs", isEmptyNow).waitFor();
    await picturesInThemes(stage, "gone");
    await window.pressInNotification(isEmptyNow, "Keep");
    await window.notification(isEmptyNow).waitFor({ state: "hidden" });
    await window.treeItem("Runs", run).waitFor();
    await mount(host);
    await window.pressOnTreeItem("Runs", /runs . gpu/, "Sync Now");
    await window.treeItem("Runs", /runs . gpu.*mirror, updated/).waitFor();
    expect(await window.treeItem("Runs", run).count()).toBe(1);
  });

  it("asks anew the next time, and in the tree, and removes them when a person says so", async ({
    stage,
    window,
    host,
  }) => {
    await unmount(host);
    await window.pressInNotification(isEmptyNow, "Keep");
    await window.pressOnTreeItem("Runs", isEmptyNow, "Remove Here What Is Gone from the Host…");
    await window.page.getByText("Remove what is gone from").waitFor();
    await stage.picture("gone-question");
    await window.answerDialog("Remove Them Here Too");
    await window.treeItem("Runs", run).waitFor({ state: "hidden" });
    await window.treeItem("Runs", /runs . gpu.*mirror, updated/).waitFor();
  });
});
