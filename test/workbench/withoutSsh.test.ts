import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, describe, expect } from "vitest";
import { syncIdOf } from "../../src/sync/cache/cache.js";
import type { SyncRecord } from "../../src/sync/syncRecord.js";
import { type CallCounter, countCalls } from "../support/callCounter.js";
import { processesIn } from "../support/processes.js";
import { type HostHome, makeHostHome } from "../support/runicorn/hostHome.js";
import { sampleRuns } from "../support/runicorn/sampleRuns.js";
import { stateOfTree } from "../support/stateOfTree.js";
import { until } from "../support/until.js";
import * as mainJob from "../support/vscode/mainJob.js";
import { inOtherThemes } from "../support/vscode/picturesInThemes.js";
import { watchQuestions } from "../support/vscode/questions.js";
import { setScene } from "../support/vscode/stage.js";
import type { Window } from "../support/vscode/window.js";
import { sceneTest } from "../support/vscode/windowTest.js";

/** As an earlier version has left it beside the record of the root. @returns its folder. */
async function writeOldCopy(folder: string): Promise<string> {
  const [id = ""] = await readdir(folder);
  const record = JSON.parse(await readFile(join(folder, id, "sync.json"), "utf8")) as SyncRecord;
  const copy = join(folder, syncIdOf(record.connectionId, record.root));
  await mkdir(join(copy, "files"), { recursive: true, mode: 0o700 });
  await writeFile(join(copy, "files", "kept"), "of an earlier version");
  const asCopy = { ...record, mode: "smart", interval: 300, wanted: false };
  await writeFile(join(copy, "sync.json"), JSON.stringify(asCopy), { mode: 0o600 });
  return copy;
}

const rows = '.pane:has(.pane-header[aria-label^="Connections"]) .monaco-list-row';

/**
 * VS Code in a browser, on the very machine that trains: there is no SSH server, and no host that ssh knows. The tests build
 * on one another.
 */
describe("a window on the machine that trains", { timeout: 200_000 }, () => {
  let machine: HostHome;
  let ssh: CallCounter;
  let asked: () => Promise<readonly string[]>;
  let runsBefore: Readonly<Record<string, string>>;
  afterAll(() => machine.dispose());
  const it = sceneTest(
    async () => {
      machine = await makeHostHome(false);
      await sampleRuns(machine.root, join(machine.home, "venvs", "train"), machine.home);
      ssh = await countCalls(join(machine.home, "counting"), ["ssh", "ssh-keygen", "ssh-keyscan", "ssh-add"]);
      const path = `${ssh.folder}:${process.env["PATH"] ?? ""}`;
      return setScene({ version: "newest", home: machine.home, environment: { PATH: path } });
    },
    async ({ window }) => {
      runsBefore = stateOfTree(join(machine.root, "runs"));
      await window.showSideBar("Runicorn Remote");
      asked = await watchQuestions(window);
    },
  );

  const names = (window: Window): Promise<readonly string[]> =>
    window.page.locator(`${rows} .label-name`).allInnerTexts();

  it("has that machine as its first host", async ({ stage, window }) => {
    await window.treeItem("Connections", /^This Machine\s*.*connected · without SSH/).waitFor();
    expect(await names(window)).toEqual(["This Machine", "Connect to Host…"]);
    await window.treeItem("Connections", "This Machine").hover();
    await window.page.getByText("the machine that this window works on").first().waitFor();
    await stage.picture("here-first");
  });

  it("shows its viewer at a click", async ({ window }) => {
    await window.treeItem("Connections", "This Machine").click();
    const frame = await mainJob.waitForViewer(window, "resnet50-cifar10");
    await mainJob.closeRunicornSettings(frame);
    await window.treeItem("Connections", "running").waitFor();
  });

  it("shows its runs where they lie, and asks nothing", async ({ stage, window }) => {
    await window.chooseOnTreeItem("Connections", "This Machine", "Show Runs on This Machine");
    await window.treeItem("Runs", /^runs · this machine\s*on this machine/).waitFor();
    await window.treeItem("Runs", "cosine schedule").waitFor();
    await stage.picture("here-runs");
  });

  it("shows its runs in a table", async ({ stage, window }) => {
    await window.chooseOnTreeItem("Runs", /^runs · this machine/, "Open Run Table");
    const page = await window.panelText("Columns…");
    await page.locator(".body .row.run", { hasText: "cosine schedule" }).waitFor();
    expect(await page.locator(".filter input").inputValue()).toMatch(/^host:"this machine" root:/);
    await stage.picture("here-table");
    await page.locator(".filter input").fill("cosine");
    await page.getByText("1 of 6 runs").first().waitFor();
    await page.locator(".grid").focus();
    for (const key of ["Control+Home", "Enter"]) await window.page.keyboard.press(key);
    await window.page.locator(".tab.active", { hasText: "cosine schedule" }).waitFor();
    const run = await window.panelText("Overview");
    await run.getByText("cosine schedule").first().waitFor();
    await stage.picture("here-run");
    await window.command("View: Close All Editors");
  });

  it("draws their charts", async ({ stage, window }) => {
    await window.showRunCharts("vision/resnet50-cifar10");
    const page = await window.panelText("train_loss");
    await page.locator("section canvas").first().waitFor();
    await stage.picture("here-charts");
    await inOtherThemes(window, (colours) => stage.picture(`here-charts-${colours}`));
  });

  it("follows a log", async ({ stage, window }) => {
    await window.pressOnTreeItem("Runs", "cosine schedule", "Tail Run Log");
    await window.page
      .locator(".panel .view-line", { hasText: /epoch.40:/ })
      .first()
      .waitFor();
    await stage.picture("here-log");
  });

  it("opens a file where it lies, to be looked at or to be changed", async ({ stage, window }) => {
    await window.treeItem("Runs", "cosine schedule").locator(".monaco-tl-twistie").click();
    await window.treeItem("Runs", "logs.txt").click();
    await window.page
      .locator(".editor-group-container .view-line", { hasText: /epochs:.40/ })
      .first()
      .waitFor();
    await window.command("View: Close All Editors");
    await window.chooseOnTreeItem("Runs", "logs.txt", "Open Where It Lies");
    await window.page
      .locator(".editor-group-container .view-line", { hasText: /epochs:.40/ })
      .first()
      .waitFor();
    await stage.picture("here-file");
    expect(await window.page.locator(".tab .codicon-lock").count()).toBe(0);
    await window.command("View: Close All Editors");
  });

  it("has its runs shown again from the palette, after they were removed from the view", async ({
    window,
  }) => {
    await window.chooseOnTreeItem("Runs", /^runs · this machine/, "Remove from View");
    await window.treeItem("Runs", "runs · this machine").waitFor({ state: "hidden" });
    await window.command("Runicorn: Show Runs on This Machine");
    await window.treeItem("Runs", "cosine schedule").waitFor();
  });

  it("has a copy that was made before removed, after it was said twice", async ({ stage, window }) => {
    const copy = await writeOldCopy(stage.dataFile("sync"));
    await window.pressOnTreeItem("Runs", /^runs · this machine\s*on this machine/, "Sync Now");
    await window.treeItem("Runs", /^runs · this machine\s*smart stopped/).waitFor();
    await stage.picture("here-copy");
    await window.chooseOnTreeItem("Runs", /^runs · this machine\s*smart/, "Resume Sync…");
    await window.waitForQuickInput("Sync mode");
    await window.pick("Without a Copy");
    await window.pressInNotification("was copied before", "Remove the Copy");
    await window.dialog("Remove the copy of runs · this machine?").waitFor();
    await stage.picture("here-copy-question");
    expect(existsSync(copy)).toBe(true);
    await window.answerDialog("Remove the Copy");
    await until("the copy is gone", () => !existsSync(copy));
    await window.treeItem("Runs", /smart stopped/).waitFor({ state: "hidden" });
    await window.treeItem("Runs", "cosine schedule").waitFor();
  });

  it("follows them again by itself when the window is loaded anew", async ({ window }) => {
    // The mode of the copy was asked for, and nothing else.
    expect(await asked()).toEqual(["Sync mode"]);
    await window.reload();
    asked = await watchQuestions(window);
    await window.treeItem("Runs", /^runs · this machine\s*on this machine$/).waitFor();
  });

  it("has started no ssh, asked nothing and changed nothing of the runs", async ({ stage }) => {
    expect(await ssh.calls()).toEqual([]);
    expect(await asked()).toEqual([]);
    const after = stateOfTree(join(machine.root, "runs"));
    expect(after).toEqual(runsBefore);
    const kept = await readFile(stage.dataFile("connections.json"), "utf8");
    expect(kept).toContain("this machine");
  });

  it("leaves no process when the viewer is stopped and the machine disconnected", async ({ window }) => {
    const ours = async () =>
      (await processesIn(machine.home)).filter(({ commandLine }) =>
        /runicorn viewer|supervisor\.py|helper|python/.test(commandLine),
      );
    await window.command("Runicorn: Disconnect from Host");
    await window.answerDialog("Stop and Disconnect");
    await until("nothing is left", async () => (await ours()).length === 0);
  });
});
