import { describe, expect } from "vitest";
import { viewersIn } from "../support/processes.js";
import { until } from "../support/until.js";
import { loadWithConnections } from "../support/vscode/keptConnections.js";
import * as mainJob from "../support/vscode/mainJob.js";
import { picturesInThemes } from "../support/vscode/picturesInThemes.js";
import type { Window } from "../support/vscode/window.js";
import { windowTest } from "../support/vscode/windowTest.js";

const rows = '.pane:has(.pane-header[aria-label^="Connections"]) .monaco-list-row';

/** What is selected in the tree of connections. The tests build on one another. */
describe("several items of the tree of connections", () => {
  const it = windowTest({
    version: "newest",
    prepare: async (stage) => {
      const { window, sshd } = stage;
      const saved = ["gpu", "old-one", "old-two", "old-three"].map((host) => ({
        name: host,
        target: { host },
      }));
      const key = sshd.hostKey;
      const keys = ["first.example", "second.example"].map((name) => `${name} ${key.type} ${key.base64}\n`);
      await loadWithConnections(stage, saved, keys.join(""));
      await window.showSideBar("Runicorn Remote");
      await window.treeItem("Connections", "old-three").waitFor();
    },
  });

  const names = (window: Window): Promise<readonly string[]> =>
    window.page.locator(`${rows} .label-name`).allInnerTexts();

  it("are hosts, and the known hosts at the end, closed", async ({ stage, window }) => {
    // The window is on this machine, which is always there.
    const hosts = ["gpu", "old-one", "old-two", "old-three"];
    expect(await names(window)).toEqual(["This Machine", ...hosts, "Known Hosts"]);
    await stage.picture("tree");
  });

  it("are forgotten together, after one question that names them", async ({ stage, window }) => {
    await window.selectTreeItems("Connections", ["old-one", "old-two"]);
    await window.chooseOnTreeItem("Connections", "old-two", "Forget Connection…");
    const text = await window.dialog("Forget 2 connections?").innerText();
    expect(text).toContain("old-one\nold-two");
    await stage.picture("forget-two");
    await window.answerDialog("Forget");
    await until("they are gone", async () => (await names(window)).length === 4);
    expect(await names(window)).toEqual(["This Machine", "gpu", "old-three", "Known Hosts"]);
  });

  it("are keys that are removed together", async ({ window }) => {
    await window.expandItem("Connections", "Known Hosts");
    await window.selectTreeItems("Connections", ["first.example", "second.example"]);
    await window.chooseOnTreeItem("Connections", "first.example", "Remove Known Host…");
    const text = await window.dialog("Remove 2 keys?").innerText();
    expect(text).toContain("first.example");
    expect(text).toContain("second.example");
    await window.answerDialog("Remove");
    await until("they are gone", async () => (await names(window)).length === 3);
  });

  it("are viewers that are stopped together", async ({ stage, window, host }) => {
    await mainJob.openFirstViewer(window, "gpu");
    await window.command("Runicorn: Open Viewer With…");
    await mainJob.waitForEnvironments(window, "train");
    await window.pick("train");
    await mainJob.chooseRoot(window, `${host.home}/other`);
    await window.pick("Create Folder");
    await window.treeItem("Connections", /^other\s*running/).waitFor();
    await picturesInThemes(stage, "tree-viewers");
    await window.selectTreeItems("Connections", [/^runs\s*running/, /^other/]);
    await window.chooseOnTreeItem("Connections", /^other/, "Stop Viewer");
    const text = await window.dialog("Stop 2 viewers?").innerText();
    expect(text).toContain("other · gpu");
    await window.answerDialog("Stop");
    await until("no viewer on the host", async () => (await viewersIn(host.home)).length === 0);
    await window.treeItem("Connections", "running").waitFor({ state: "hidden" });
  });
});
