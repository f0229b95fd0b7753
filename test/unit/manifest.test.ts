import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  apiCommandIds,
  arrangeCommandIds,
  commandIds,
  connectionCommandIds,
  glanceCommandIds,
  jobCommandIds,
  noticeCommandIds,
  relayCommandIds,
  chartCommandIds,
  runCommandIds,
  runItemCommandIds,
  writeBackCommandIds,
  runPageCommandIds,
  tableCommandIds,
} from "../../src/vscode/kit/commandIds.js";
import { settingsTable } from "../../src/vscode/kit/settingsTable.js";
import {
  apiServingContextKey,
  loadedContextKey,
  relayRunningContextKey,
  stateContextKeys,
  chartsPanelType,
  viewerPanelType,
  viewIds,
} from "../../src/vscode/kit/viewIds.js";
import { scenarios } from "../support/vscode/scenarios.js";

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly views: Readonly<Record<string, readonly { readonly id: string }[]>>;
    readonly menus: Readonly<Record<string, readonly MenuItem[]>>;
    readonly configuration: readonly {
      readonly title: string;
      readonly properties: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    }[];
    readonly walkthroughs: readonly { readonly steps: readonly Step[] }[];
    readonly viewsWelcome: readonly { readonly view: string; readonly when: string }[];
  };
}

interface MenuItem {
  readonly command: string;
  readonly when?: string;
  readonly group?: string;
}

interface Step {
  readonly media: { readonly image: string };
  readonly completionEvents: readonly string[];
}

const text = readFileSync("package.json", "utf8");
const { contributes } = JSON.parse(text) as Manifest;
const readJson = (file: string): Record<string, string> =>
  JSON.parse(readFileSync(file, "utf8")) as Record<string, string>;

describe("package.json", () => {
  it("names every command of the code, and no other", () => {
    const declared = contributes.commands.map(({ command }) => command);
    const known = [
      ...Object.values(commandIds),
      ...Object.values(connectionCommandIds),
      ...Object.values(arrangeCommandIds),
      ...Object.values(glanceCommandIds),
      ...Object.values(jobCommandIds),
      ...Object.values(runCommandIds),
      ...Object.values(chartCommandIds),
      ...Object.values(runItemCommandIds),
      ...Object.values(noticeCommandIds),
      ...Object.values(writeBackCommandIds),
      ...Object.values(runPageCommandIds),
      ...Object.values(tableCommandIds),
      ...Object.values(apiCommandIds),
      ...Object.values(relayCommandIds),
    ];
    expect([...declared].sort()).toEqual(known.sort());
  });

  it("names every view of the code, and no other", () => {
    const declared = Object.values(contributes.views).flatMap((views) => views.map(({ id }) => id));
    expect([...declared].sort()).toEqual(Object.values(viewIds).sort());
    for (const id of Object.values(viewIds)) {
      const texts = contributes.viewsWelcome.filter(({ view }) => view === id).map(({ when }) => when);
      expect(texts).toContain(`!${loadedContextKey}`);
      expect(texts.some((when) => when.startsWith(loadedContextKey))).toBe(true);
    }
  });

  it("declares every setting of the code with the same type, default and bounds, and no other", () => {
    const sections = contributes.configuration;
    expect(sections.map(({ title }) => title)).toHaveLength(5);
    const declared = sections
      .flatMap(({ properties }) => Object.entries(properties))
      .map(([name, all]) => [
        name,
        Object.fromEntries(
          ["type", "default", "minimum", "maximum", "enum"].flatMap((field) => {
            const value =
              field === "enum" ? (all["items"] as Readonly<Record<string, unknown>>)?.[field] : all[field];
            return value === undefined ? [] : [[field, value]];
          }),
        ),
      ]);
    const known = Object.entries(settingsTable).map(([name, all]) => [`runicorn.${name}`, all]);
    expect(Object.fromEntries(declared)).toEqual(Object.fromEntries(known));
  });

  it("is asked about settings in one file of the code", () => {
    const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".ts"),
    );
    const asking = files.filter((name) =>
      readFileSync(join("src", name), "utf8").includes("getConfiguration("),
    );
    expect(asking).toEqual([join("vscode", "kit", "settings.ts")]);
  });

  it("puts only declared commands into menus", () => {
    const declared = new Set(contributes.commands.map(({ command }) => command));
    const used = Object.values(contributes.menus).flatMap((items) => items.map(({ command }) => command));
    expect(used.filter((command) => !declared.has(command))).toEqual([]);
    const ofPanel = contributes.menus["editor/title"] ?? [];
    expect(
      ofPanel.every(
        ({ when }) =>
          when === `activeWebviewPanelId == '${viewerPanelType}' && ${stateContextKeys.hasViewer}` ||
          when === `activeWebviewPanelId == '${chartsPanelType}'`,
      ),
    ).toBe(true);
  });

  it("offers for several selected items only what acts on all of them", () => {
    const forAll = new Set<string>([
      commandIds.disconnect,
      commandIds.forgetConnection,
      commandIds.stopViewer,
      commandIds.removeKnownHost,
      commandIds.importKnownHosts,
      jobCommandIds.cancel,
      arrangeCommandIds.moveToGroup,
      arrangeCommandIds.removeFromGroup,
      runPageCommandIds.compareRuns,
      runCommandIds.syncNow,
      runCommandIds.stopSync,
      runCommandIds.forgetSync,
      runCommandIds.removeFromView,
      runCommandIds.showCharts,
      runItemCommandIds.pinRun,
      runItemCommandIds.unpinRun,
      writeBackCommandIds.deleteRun,
      writeBackCommandIds.restoreRun,
      relayCommandIds.stopRelay,
      relayCommandIds.showRelayAudit,
    ]);
    const offered = contributes.menus["view/item/context"]?.filter(
      ({ when, group }) => !group?.startsWith("inline") && !when?.includes("!listMultiSelection"),
    );
    const others = offered?.filter(({ command }) => !forAll.has(command));
    expect(others?.map(({ command }) => command)).toEqual([]);
  });

  it("says when each command is in the palette: always, never, or while there is something to work with", () => {
    const always = [
      commandIds.connect,
      commandIds.showConnections,
      commandIds.importKnownHosts,
      commandIds.showLog,
      commandIds.showDocs,
      connectionCommandIds.diagnose,
      connectionCommandIds.editSshConfig,
      connectionCommandIds.importConnections,
      glanceCommandIds.showGlance,
      tableCommandIds.openRunTable,
      apiCommandIds.apiToken,
      runCommandIds.syncRuns,
    ];
    const conditions = new Map(
      contributes.menus["commandPalette"]?.map(({ command, when }) => [command, when]),
    );
    const without = contributes.commands.filter(({ command }) => !conditions.has(command));
    expect(without.map(({ command }) => command).sort()).toEqual([...always].sort());
    const keys = new Set<string>([
      ...Object.values(stateContextKeys),
      apiServingContextKey,
      relayRunningContextKey,
      "config.runicorn.relay.url",
      "activeWebviewPanelId",
      chartsPanelType,
    ]);
    const asked = [...conditions.values()].flatMap((when) => when?.match(/[\w.]+/g) ?? []);
    expect(asked.filter((key) => key !== "false" && !keys.has(key))).toEqual([]);
  });

  it("leads a newcomer in five steps, each with its picture, that are done by commands and states of the code", () => {
    const steps = contributes.walkthroughs.flatMap((one) => one.steps);
    expect(steps).toHaveLength(5);
    const events = new Set<string>([
      ...[...Object.values(commandIds), ...Object.values(runCommandIds)].map((id) => `onCommand:${id}`),
      ...Object.values(stateContextKeys).map((key) => `onContext:${key}`),
    ]);
    for (const { media, completionEvents } of steps) {
      expect(readFileSync(media.image, "utf8")).toContain("<svg");
      expect(completionEvents.filter((event) => !events.has(event))).toEqual([]);
    }
  });

  it.each(["package.nls.json", "package.nls.zh-cn.json"])(
    "finds each of its texts in %s, and no other is there",
    (file) => {
      const used = [...text.matchAll(/"%([\w.]+)%"/g)].map((match) => match[1]);
      expect(Object.keys(readJson(file)).sort()).toEqual([...new Set(used)].sort());
    },
  );
});

const commands: readonly string[] = contributes.commands.map(({ command }) => command);
const folder = "test/workbench";
const tests = readdirSync(folder)
  .map((file) => readFileSync(join(folder, file), "utf8"))
  .join("\n");

/** Whether the test in which a command is chosen really chooses it is found out when it runs: scenarioWasPlayed.ts. */
describe("the scenarios", () => {
  const onItem = (command: string): string => `${command} on an item`;

  it("are there for every command", () => {
    const without = commands.filter((command) => !(command in scenarios) && !(onItem(command) in scenarios));
    expect(without).toEqual([]);
  });

  it("are there for every command in the menu of an item", () => {
    const inMenus = new Set(contributes.menus["view/item/context"]?.map(({ command }) => command));
    expect([...inMenus].filter((command) => !(onItem(command) in scenarios))).toEqual([]);
  });

  it("are of commands that are there, and each is a test in a window", () => {
    const unknown = Object.keys(scenarios).filter(
      (key) => !commands.includes(key.replace(" on an item", "")),
    );
    expect(unknown).toEqual([]);
    const missing = Object.values(scenarios).filter((name) => !tests.includes(JSON.stringify(name)));
    expect(missing).toEqual([]);
  });
});
