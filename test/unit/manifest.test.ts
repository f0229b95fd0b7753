import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { apiCommandIds, commandIds, relayCommandIds, runCommandIds } from "../../src/vscode/commandIds.js";
import { loadedContextKey, viewerPanelType, viewIds } from "../../src/vscode/viewIds.js";

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly views: Readonly<Record<string, readonly { readonly id: string }[]>>;
    readonly menus: Readonly<Record<string, readonly { readonly command: string; readonly when?: string }[]>>;
    readonly viewsWelcome: readonly { readonly view: string; readonly when: string }[];
  };
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
      ...Object.values(runCommandIds),
      ...Object.values(apiCommandIds),
      ...Object.values(relayCommandIds),
    ];
    expect([...declared].sort()).toEqual(known.sort());
  });

  it("names every view of the code, and no other", () => {
    const declared = Object.values(contributes.views).flatMap((views) => views.map(({ id }) => id));
    expect([...declared].sort()).toEqual(Object.values(viewIds).sort());
    expect(contributes.viewsWelcome.map(({ view }) => view).sort()).toEqual(Object.values(viewIds).sort());
    expect(contributes.viewsWelcome.every(({ when }) => when === loadedContextKey)).toBe(true);
  });

  it("puts only declared commands into menus", () => {
    const declared = new Set(contributes.commands.map(({ command }) => command));
    const used = Object.values(contributes.menus).flatMap((items) => items.map(({ command }) => command));
    expect(used.filter((command) => !declared.has(command))).toEqual([]);
    const ofPanel = contributes.menus["editor/title"] ?? [];
    expect(ofPanel.every(({ when }) => when === `activeWebviewPanelId == '${viewerPanelType}'`)).toBe(true);
  });

  it.each(["package.nls.json", "package.nls.zh-cn.json"])(
    "finds each of its texts in %s, and no other is there",
    (file) => {
      const used = [...text.matchAll(/"%([\w.]+)%"/g)].map((match) => match[1]);
      expect(Object.keys(readJson(file)).sort()).toEqual([...new Set(used)].sort());
    },
  );
});
