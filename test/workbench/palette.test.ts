import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { until } from "../support/until.js";
import { loadWithConnections } from "../support/vscode/keptConnections.js";
import type { Window } from "../support/vscode/window.js";
import { windowTest } from "../support/vscode/windowTest.js";

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
  const it = windowTest({
    version: "newest",
    prepare: async ({ window }) => {
      // The list is two fifths as high as the window at most.
      await window.page.setViewportSize({ width: 1280, height: 2600 });
    },
  });

  /** The commands that are listed, once they are those. */
  const expectListed = async (window: Window, titles: readonly string[]): Promise<void> => {
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

  it("lists what can be done where there is nothing yet", async ({ stage, window }) => {
    await expectListed(window, titlesOf(...always));
    await stage.picture("palette-empty");
  });

  it("lists what can be done with what is kept", async ({ stage, window }) => {
    await mkdir(join(stage.dataFile("sync"), "0123456789abcdef"), { recursive: true, mode: 0o700 });
    await loadWithConnections(stage, [{ name: "gpu", target: { host: "gpu" } }]);
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
    await expectListed(window, titlesOf(...always, ...withConnections, ...withRuns));
    await stage.picture("palette-kept");
  });
});
