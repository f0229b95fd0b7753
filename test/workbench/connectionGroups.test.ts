import { mkdir, readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { savedIdOf } from "../../src/savedConnectionId.js";
import type { SavedConnection } from "../../src/savedConnections.js";
import { until } from "../support/until.js";
import * as mainJob from "../support/vscode/mainJob.js";
import { picturesInThemes } from "../support/vscode/picturesInThemes.js";
import { setStage, type Stage } from "../support/vscode/stage.js";

const pane = '.pane:has(.pane-header[aria-label^="Connections"])';

/** The order and the groups of connections. The tests build on one another. */
describe("connections in the tree", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage({ version: "newest" });
    const { window } = stage;
    const saved = ["one", "two", "three", "gpu"].map((host, openedAt) => ({
      id: savedIdOf({ host }),
      name: host,
      target: { host },
      openedAt,
    }));
    await mkdir(stage.dataFile(""), { recursive: true, mode: 0o700 });
    await writeFile(stage.dataFile("connections.json"), JSON.stringify(saved), { mode: 0o600 });
    await window.reload();
    await window.showSideBar("Runicorn Remote");
    await isShown("gpu", "three", "two", "one");
  });
  afterAll(() => stage.dispose());

  /** Waits until the view has these rows, in this order. */
  const isShown = async (...expected: readonly string[]): Promise<void> => {
    let rows: readonly string[] = [];
    await until(`the tree shows ${expected.join()}`, async () => {
      rows = await stage.window.page.locator(`${pane} .monaco-list-row .label-name`).allInnerTexts();
      return rows.filter((row) => !/^(This Machine|Known Hosts)$/.test(row)).join() === expected.join();
    }).catch(() => expect(rows).toEqual(expected));
  };
  const choose = (label: string | RegExp, action: string): Promise<void> =>
    stage.window.chooseOnTreeItem("Connections", label, action);
  const saved = async (): Promise<readonly SavedConnection[]> =>
    JSON.parse(await readFile(stage.dataFile("connections.json"), "utf8")) as SavedConnection[];

  it("are put into a group together, and into one that is there", async () => {
    const { window } = stage;
    await window.selectTreeItems("Connections", [/^two/, /^one/]);
    await choose(/^two/, "Move to Group…");
    await window.type("  Lab $(trash) \u202eA  ", "New Group");
    await isShown("Lab $(trash) \\u{202e}A", "two", "one", "gpu", "three");
    await choose(/^three/, "Move to Group…");
    await window.waitForQuickInput("Move to Group");
    await stage.picture("move-to-group");
    await window.page.keyboard.press("Enter");
    await isShown("Lab $(trash) \\u{202e}A", "three", "two", "one", "gpu");
    await picturesInThemes(stage, "groups");
  });

  it("have a group that is renamed, and goes with the last one in it", async () => {
    const { window } = stage;
    await choose(/^Lab/, "Rename Group…");
    await window.type("Lab", "Rename Group");
    await isShown("Lab", "three", "two", "one", "gpu");
    await choose(/^gpu/, "Move to Group…");
    await window.waitForQuickInput("Move to Group");
    await window.pick("New Group…");
    await window.type("GPU", "New Group");
    await isShown("GPU", "gpu", "Lab", "three", "two", "one");
    await choose(/^gpu/, "Remove from Group");
    await isShown("Lab", "three", "two", "one", "gpu");
  });

  it("are moved up and down by hand, also as groups", async () => {
    const { window } = stage;
    await choose(/^three/, "Move Down");
    await isShown("Lab", "two", "three", "one", "gpu");
    await choose(/^one/, "Move Up");
    await isShown("Lab", "two", "one", "three", "gpu");
    await choose(/^gpu/, "Move to Group…");
    await window.waitForQuickInput("Move to Group");
    await window.pick("New Group…");
    await window.type("GPU", "New Group");
    await isShown("Lab", "two", "one", "three", "GPU", "gpu");
    await choose(/^GPU/, "Move Up");
    await isShown("GPU", "gpu", "Lab", "two", "one", "three");
    // Every list has this order.
    await window.command("Runicorn: Connect to Host…");
    await window.waitForQuickInput("Connect to Host");
    await window.row("three").waitFor();
    const hosts = await window.quickInput.locator(".monaco-list-row .label-name").allInnerTexts();
    expect(hosts.slice(0, 5)).toEqual(["This Machine", "gpu", "two", "one", "three"]);
    await stage.picture("groups-in-pick");
    await window.page.keyboard.press("Escape");
  });

  it("are dragged into the place of another one, into a group and out of it", async () => {
    const { window } = stage;
    const item = (label: string | RegExp) => window.treeItem("Connections", label);
    await item(/^three/).dragTo(item(/^two/));
    await isShown("GPU", "gpu", "Lab", "three", "two", "one");
    await item(/^one/).dragTo(item(/^GPU/));
    await isShown("GPU", "gpu", "one", "Lab", "three", "two");
    const list = window.page.locator(`${pane} .monaco-list`);
    const { height = 0, width = 0 } = (await list.boundingBox()) ?? {};
    await item(/^one/).dragTo(list, { targetPosition: { x: width / 2, y: height - 10 } });
    await isShown("GPU", "gpu", "Lab", "three", "two", "one");
  });

  it("stay where they are when one is opened", async () => {
    const { window } = stage;
    await window.treeItem("Connections", /^gpu/).click();
    await window.waitForQuickInput("Unknown host key");
    await window.pick("Trust and Connect");
    await mainJob.waitForViewer(window, "resnet50-cifar10");
    await isShown("GPU", "gpu", "runs", "Lab", "three", "two", "one");
    await stage.picture("groups-connected");
    expect((await saved()).map(({ name, group }) => [name, group])).toEqual([
      ["one", undefined],
      ["two", "Lab"],
      ["three", "Lab"],
      ["gpu", "GPU"],
    ]);
  });

  it("are ordered by their last use again", async () => {
    const { window } = stage;
    await window.command("Runicorn: Order Connections by Last Use");
    await until("no place is kept", async () => (await saved()).every(({ order }) => order === undefined));
    await isShown("GPU", "gpu", "runs", "Lab", "three", "two", "one");
  });
});
