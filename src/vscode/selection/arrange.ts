import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import { Cancelled } from "../../common/failure.js";
import { displayLabel, displayText } from "../../common/text/displayText.js";
import {
  groupOf,
  groupsOf,
  longestGroup,
  moved,
  movedGroup,
  regrouped,
  unordered,
} from "../../connectionOrder.js";
import { arrangeCommandIds } from "../kit/commandIds.js";
import type { Handlers } from "../kit/registerLate.js";
import type { Ui } from "../kit/ui.js";
import { chosenOf, dataOf } from "./chosen.js";

/** Handlers of the commands for the order and groups of saved connections. */
export function arrangeHandlers(ui: Ui): Handlers<typeof arrangeCommandIds> {
  const move = async (argument: unknown, step: -1 | 1): Promise<void> => {
    const { savedConnections } = await ui.app();
    const group = dataOf(argument, "group")?.name;
    const id = dataOf(argument, "connection")?.saved?.id;
    await savedConnections.changeAll((all) =>
      group === undefined ? moved(all, id ?? "", step) : movedGroup(all, group, step),
    );
  };
  const regroup = async (ids: readonly string[], group: string | undefined): Promise<void> => {
    const { savedConnections } = await ui.app();
    await savedConnections.changeAll((all) => regrouped(all, ({ id }) => ids.includes(id), group));
  };
  return {
    [arrangeCommandIds.moveUp]: (argument) => move(argument, -1),
    [arrangeCommandIds.moveDown]: (argument) => move(argument, 1),
    [arrangeCommandIds.moveToGroup]: async (argument, selection) => {
      const ids = savedIds(argument, selection);
      if (ids.length > 0) await regroup(ids, await askForGroup(await ui.app()));
    },
    [arrangeCommandIds.removeFromGroup]: (argument, selection) =>
      regroup(savedIds(argument, selection), undefined),
    [arrangeCommandIds.renameGroup]: async (argument) => {
      const before = dataOf(argument, "group")?.name;
      if (before === undefined) return;
      const { savedConnections } = await ui.app();
      const title = l10n.t("Rename Group {0}", displayText(before));
      const name = await askForName(title, before);
      await savedConnections.changeAll((all) => regrouped(all, (one) => groupOf(one) === before, name));
    },
    [arrangeCommandIds.orderByUse]: async () => {
      const { savedConnections } = await ui.app();
      await savedConnections.changeAll(unordered);
    },
  };
}

function savedIds(argument: unknown, selection: unknown): readonly string[] {
  return chosenOf(argument, selection, "connection").flatMap(({ saved }) => saved?.id ?? []);
}

/** Asks for a group, or for the name of a new one. @throws Cancelled */
async function askForGroup({ savedConnections }: App): Promise<string> {
  const names = groupsOf(await savedConnections.list());
  const create = { label: `$(new-folder) ${l10n.t("New Group…")}`, name: undefined };
  const items = [...names.map((name) => ({ label: displayLabel(name), name })), create];
  const title = l10n.t("Move to Group");
  const picked = names.length === 0 ? create : await vscode.window.showQuickPick(items, { title });
  if (!picked) throw new Cancelled();
  return picked.name ?? askForName(l10n.t("New Group"), "");
}

/** Asks for a name; groups with the same name are the same group. @throws Cancelled */
async function askForName(title: string, value: string): Promise<string> {
  const typed = await vscode.window.showInputBox({
    title,
    prompt: l10n.t("A group is shown for as long as a connection is in it."),
    placeHolder: l10n.t("Name of the group"),
    value,
    ignoreFocusOut: true,
    validateInput: (text) => {
      if (text.trim() === "") return l10n.t("Write a name.");
      return text.trim().length > longestGroup
        ? l10n.t("A name has at most {0} characters.", longestGroup)
        : undefined;
    },
  });
  const name = typed?.trim();
  if (name === undefined || name === "") throw new Cancelled();
  return name;
}
