import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import { displayText } from "../../common/text/displayText.js";
import type { PythonEnvironment } from "../../environments/environment.js";
import { areLines, linesIn, withChange } from "../../environments/lines/lines.js";
import { linesOfEnvironment } from "../../linesBefore.js";
import { savedIdOf } from "../../savedConnectionId.js";
import type { Target } from "../../ssh/model/target.js";

interface LineItem extends vscode.QuickPickItem {
  /** Index of the line; undefined for the row that adds one. */
  readonly at?: number;
}

/**
 * Lets the user edit the lines that run before one environment; saves each change at once.
 * @returns whether anything was changed.
 */
export async function editLines(app: App, target: Target, environment: PythonEnvironment): Promise<boolean> {
  const { savedConnections } = app;
  const { python } = environment;
  const id = savedIdOf(target);
  let isChanged = false;
  for (;;) {
    const saved = await savedConnections.get(id);
    const lines = linesIn(linesOfEnvironment(saved?.environmentLines, python) ?? "");
    const asked = await pickLine(environment, lines);
    if (!asked) return isChanged;
    const { at } = asked;
    const before = at === undefined ? "" : (lines[at] ?? "");
    const line = asked.removes ? "" : await askForLine(before, lines);
    if (line === undefined) continue;
    await savedConnections.change(id, (now) => {
      if (!now) return undefined;
      const present = linesIn(linesOfEnvironment(now.environmentLines, python) ?? "");
      const text = withChange(present, { at, before, line }).join("\n");
      const others = Object.entries(now.environmentLines ?? {}).filter(([other]) => other !== python);
      const all = text === "" ? others : [...others, [python, text] as const];
      return { ...now, environmentLines: all.length === 0 ? undefined : Object.fromEntries(all) };
    });
    isChanged = true;
  }
}

/** @returns undefined when the user is done. */
function pickLine(
  { name }: PythonEnvironment,
  lines: readonly string[],
): Promise<{ readonly at: number | undefined; readonly removes: boolean } | undefined> {
  const pick = vscode.window.createQuickPick<LineItem>();
  const remove = { iconPath: new vscode.ThemeIcon("trash"), tooltip: l10n.t("Remove Line") };
  pick.title = l10n.t("Lines to run before {0}", displayText(name));
  pick.placeholder = l10n.t(
    "They run in order behind those of the host. Press Escape when you have finished.",
  );
  pick.ignoreFocusOut = true;
  pick.items = [
    ...lines.map((line, at) => ({ label: displayText(line), at, buttons: [remove] })),
    {
      label: `$(add) ${l10n.t("Add a Line…")}`,
      detail: l10n.t("For example: module load python, source ~/env.sh, export NAME=value"),
      alwaysShow: true,
    },
  ];
  return new Promise((resolve) => {
    pick.onDidTriggerItemButton(({ item }) => {
      resolve({ at: item.at, removes: true });
      pick.dispose();
    });
    pick.onDidAccept(() => {
      const [chosen] = pick.activeItems;
      resolve(chosen && { at: chosen.at, removes: false });
      pick.dispose();
    });
    pick.onDidHide(() => resolve(undefined));
    pick.show();
  });
}

/** @returns undefined if unchanged; empty: remove it. */
function askForLine(value: string, others: readonly string[]): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: l10n.t("Line to Run Before"),
    prompt: l10n.t("One shell command. It is kept on this machine and runs on the host under your account."),
    value,
    ignoreFocusOut: true,
    validateInput: (text) =>
      areLines([...others, text].join("\n"))
        ? undefined
        : l10n.t("At most 50 lines and 8000 characters, without control characters."),
  });
}
