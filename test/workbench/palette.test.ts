import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { savedIdOf } from "../../src/savedConnectionId.js";
import { until } from "../support/until.js";
import { setStage, type Stage } from "../support/vscode/stage.js";

const texts = JSON.parse(await readFile("package.nls.json", "utf8")) as Record<string, string>;
const titlesOf = (...names: string[]): string[] =>
  names.map((name) => `Runicorn: ${texts[`command.${name}`]}`).sort();

const always = [
  "connect",
  "showConnections",
  "importKnownHosts",
  "diagnose",
  "editSshConfig",
  "importConnections",
  "showLog",
  "showDocs",
  "startApi",
  "apiToken",
  "syncRuns",
  "showRunsHere",
  "startRelay",
  "showGlance",
  "openRunTable",
];

/** Nothing of ours is opened in here: the core is not loaded. The tests build on one another. */
describe("the palette of a window that was just opened", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage({ version: "newest" });
    // The list is two fifths as high as the window at most.
    await stage.window.page.setViewportSize({ width: 1280, height: 2600 });
  });
  afterAll(() => stage.dispose());

  /** The commands that are listed, once they are those. */
  const expectListed = async (titles: readonly string[]): Promise<void> => {
    const { window } = stage;
    let listed: string[] = [];
    // The list is made when it opens: what the extension tells a moment later is in the next one.
    await until("the commands are listed", async () => {
      await window.page.keyboard.press("Escape");
      await window.page.keyboard.press("F1");
      await window.quickInputBox.fill(">Runicorn: ");
      await window.quickInput.locator(".monaco-list-row", { hasText: "Runicorn: " }).first().waitFor();
      const names = await window.quickInput.locator(".monaco-list-row .label-name").allInnerTexts();
      listed = names.filter((name) => name.startsWith("Runicorn: ")).sort();
      return listed.length === titles.length;
    }).catch(() => undefined);
    expect(listed).toEqual(titles);
  };

  it("lists what can be done where there is nothing yet", async () => {
    await expectListed(titlesOf(...always));
    await stage.picture("palette-empty");
  });

  it("lists what can be done with what is kept", async () => {
    const { window } = stage;
    await mkdir(join(stage.dataFile("sync"), "0123456789abcdef"), { recursive: true, mode: 0o700 });
    const saved = [{ id: savedIdOf({ host: "gpu" }), name: "gpu", target: { host: "gpu" } }];
    await writeFile(stage.dataFile("connections.json"), JSON.stringify(saved), { mode: 0o600 });
    await window.reload();
    const withConnections = [
      "openLastViewer",
      "renameConnection",
      "editConnection",
      "duplicateConnection",
      "openTerminal",
      "copySshCommand",
      "exportConnections",
    ];
    const withRuns = [
      "resumeSync",
      "changeSync",
      "syncNow",
      "forgetSync",
      "filterRuns",
      "sortRuns",
      "showCharts",
      "tailLog",
      "openRunFolder",
      "openRun",
      "compareRuns",
      "openRunInViewer",
      "copyRunId",
      "copyRunPath",
      "copyRunLink",
      "downloadRunFile",
      "openRunFileToSide",
      "notifyAbout",
      "editRunTags",
      "renameRun",
      "deleteRun",
    ];
    await expectListed(titlesOf(...always, ...withConnections, ...withRuns));
    await stage.picture("palette-kept");
  });
});
