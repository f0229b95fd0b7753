import { describe, expect } from "vitest";
import { until } from "../support/until.js";
import { keptConnections, loadWithConnections } from "../support/vscode/keptConnections.js";
import * as mainJob from "../support/vscode/mainJob.js";
import { picturesInThemes } from "../support/vscode/picturesInThemes.js";
import type { Window } from "../support/vscode/window.js";
import { windowTest } from "../support/vscode/windowTest.js";

const pane = '.pane:has(.pane-header[aria-label^="Connections"])';

/** The order and the groups of connections. The tests build on one another. */
describe("connections in the tree", () => {
  const it = windowTest({
    version: "newest",
    prepare: async (stage) => {
      const { window } = stage;
      const hosts = ["one", "two", "three", "gpu"];
      await loadWithConnections(
        stage,
        hosts.map((host, openedAt) => ({ name: host, target: { host }, openedAt })),
      );
      await window.showSideBar("Runicorn Remote");
      await isShown(window, "gpu", "three", "two", "one");
    },
  });

  /** Waits until the view has these rows, in this order. */
  const isShown = async (window: Window, ...expected: readonly string[]): Promise<void> => {
    let rows: readonly string[] = [];
    await until(`the tree shows ${expected.join()}`, async () => {
      rows = await window.page.locator(`${pane} .monaco-list-row .label-name`).allInnerTexts();
      return rows.filter((row) => !/^(This Machine|Known Hosts)$/.test(row)).join() === expected.join();
    }).catch(() => expect(rows).toEqual(expected));
  };
  const choose = (window: Window, label: string | RegExp, action: string): Promise<void> =>
    window.chooseOnTreeItem("Connections", label, action);

  it("are put into a group together, and into one that is there", async ({ stage, window }) => {
    await window.selectTreeItems("Connections", [/^two/, /^one/]);
    await choose(window, /^two/, "Move to Group…");
    await window.type("  Lab $(trash) \u202eA  ", "New Group");
    await isShown(window, "Lab $(trash) \\u{202e}A", "two", "one", "gpu", "three");
    await choose(window, /^three/, "Move to Group…");
    await window.waitForQuickInput("Move to Group");
    await stage.picture("move-to-group");
    await window.page.keyboard.press("Enter");
    await isShown(window, "Lab $(trash) \\u{202e}A", "three", "two", "one", "gpu");
    await picturesInThemes(stage, "groups");
  });

  it("have a group that is renamed, and goes with the last one in it", async ({ window }) => {
    await choose(window, /^Lab/, "Rename Group…");
    await window.type("Lab", "Rename Group");
    await isShown(window, "Lab", "three", "two", "one", "gpu");
    await choose(window, /^gpu/, "Move to Group…");
    await window.waitForQuickInput("Move to Group");
    await window.pick("New Group…");
    await window.type("GPU", "New Group");
    await isShown(window, "GPU", "gpu", "Lab", "three", "two", "one");
    await choose(window, /^gpu/, "Remove from Group");
    await isShown(window, "Lab", "three", "two", "one", "gpu");
  });

  it("are moved up and down by hand, also as groups", async ({ stage, window }) => {
    await choose(window, /^three/, "Move Down");
    await isShown(window, "Lab", "two", "three", "one", "gpu");
    await choose(window, /^one/, "Move Up");
    await isShown(window, "Lab", "two", "one", "three", "gpu");
    await choose(window, /^gpu/, "Move to Group…");
    await window.waitForQuickInput("Move to Group");
    await window.pick("New Group…");
    await window.type("GPU", "New Group");
    await isShown(window, "Lab", "two", "one", "three", "GPU", "gpu");
    await choose(window, /^GPU/, "Move Up");
    await isShown(window, "GPU", "gpu", "Lab", "two", "one", "three");
    // Every list has this order.
    await window.command("Runicorn: Connect to Host…");
    await window.waitForQuickInput("Connect to Host");
    await window.row("three").waitFor();
    const hosts = await window.quickInput.locator(".monaco-list-row .label-name").allInnerTexts();
    expect(hosts.slice(0, 5)).toEqual(["This Machine", "gpu", "two", "one", "three"]);
    await stage.picture("groups-in-pick");
    await window.page.keyboard.press("Escape");
  });

  it("are dragged into the place of another one, into a group and out of it", async ({ window }) => {
    const item = (label: string | RegExp) => window.treeItem("Connections", label);
    await item(/^three/).dragTo(item(/^two/));
    await isShown(window, "GPU", "gpu", "Lab", "three", "two", "one");
    await item(/^one/).dragTo(item(/^GPU/));
    await isShown(window, "GPU", "gpu", "one", "Lab", "three", "two");
    const list = window.page.locator(`${pane} .monaco-list`);
    const { height = 0, width = 0 } = (await list.boundingBox()) ?? {};
    await item(/^one/).dragTo(list, { targetPosition: { x: width / 2, y: height - 10 } });
    await isShown(window, "GPU", "gpu", "Lab", "three", "two", "one");
  });

  it("stay where they are when one is opened", async ({ stage, window }) => {
    await window.treeItem("Connections", /^gpu/).click();
    await mainJob.trustHostKey(window);
    await mainJob.waitForViewer(window, "resnet50-cifar10");
    await isShown(window, "GPU", "gpu", "runs", "Lab", "three", "two", "one");
    await stage.picture("groups-connected");
    expect((await keptConnections(stage)).map(({ name, group }) => [name, group])).toEqual([
      ["one", undefined],
      ["two", "Lab"],
      ["three", "Lab"],
      ["gpu", "GPU"],
    ]);
  });

  it("are ordered by their last use again", async ({ stage, window }) => {
    await window.command("Runicorn: Order Connections by Last Use");
    await until("no place is kept", async () =>
      (await keptConnections(stage)).every(({ order }) => order === undefined),
    );
    await isShown(window, "GPU", "gpu", "runs", "Lab", "three", "two", "one");
  });
});
