import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import { Cancelled } from "../../common/failure.js";
import { displayLabel, displayText } from "../../common/text/displayText.js";
import { quoteForShell } from "../../common/text/quote.js";
import { savedIdOf } from "../../savedConnectionId.js";
import { groupOf, inOrder } from "../../connectionOrder.js";
import { requestFor, type SavedConnection } from "../../savedConnections.js";
import { formatTarget, parseTarget, type Target } from "../../ssh/model/target.js";
import { isThisMachine } from "../../ssh/model/thisMachine.js";
import { connectionCommandIds } from "../kit/commandIds.js";
import type { Handlers } from "../kit/registerLate.js";
import { passwordsIn } from "../kit/secrets.js";
import type { Ui } from "../kit/ui.js";
import { readViewerPlace } from "../kit/viewerPlace.js";
import { agreeToImported } from "../flows/connect.js";
import { pickTarget } from "../flows/pickTarget.js";
import { duplicateOf } from "./duplicateOf.js";
import { exportConnections, importConnections } from "./exchange.js";
import { openInRemoteSsh } from "./openInRemoteSsh.js";
import { openSshConfig } from "./openSshConfig.js";

/** Handlers of the commands for saved connections. */
export function connectionCommandHandlers(ui: Ui): Handlers<typeof connectionCommandIds> {
  return {
    [connectionCommandIds.edit]: async (argument) => {
      const target =
        readTarget(argument) ?? targetOf(argument) ?? (await savedFrom(await ui.app(), undefined)).target;
      const { editConnection } = await import("../connectionPage/connectionPanels.js");
      await editConnection(ui, target);
    },
    [connectionCommandIds.rename]: async (argument) => {
      const app = await ui.app();
      await rename(app, await savedFrom(app, argument));
    },
    [connectionCommandIds.duplicate]: async (argument) => {
      const app = await ui.app();
      await duplicate(app, await savedFrom(app, argument, usesSsh));
    },
    [connectionCommandIds.diagnose]: async (argument) => {
      const app = await ui.app();
      const target = readTarget(argument) ?? targetOf(argument) ?? (await pickTarget(app));
      await agreeToImported(app, target);
      const { openDiagnosis } = await import("../diagnosis/diagnose.js");
      openDiagnosis(ui, target);
    },
    [connectionCommandIds.openTerminal]: async (argument) => {
      const app = await ui.app();
      const saved = await reachable(app, argument);
      await agreeToImported(app, saved.target);
      vscode.window
        .createTerminal({
          name: displayText(saved.target.host),
          shellPath: app.ssh.command,
          shellArgs: [...app.ssh.terminalOptions(requestFor(saved))],
          iconPath: new vscode.ThemeIcon("vm"),
        })
        .show();
    },
    [connectionCommandIds.copySshCommand]: async (argument) => {
      const app = await ui.app();
      const words = ["ssh", ...app.ssh.terminalOptions(requestFor(await reachable(app, argument)))];
      await vscode.env.clipboard.writeText(words.map(shellWord).join(" "));
      vscode.window.setStatusBarMessage(l10n.t("The ssh command is copied."), 5_000);
    },
    [connectionCommandIds.openInRemoteSsh]: async (argument) => {
      const app = await ui.app();
      const { target } = await reachable(app, argument);
      await agreeToImported(app, target);
      const saved = await app.savedConnections.get(savedIdOf(target));
      await openInRemoteSsh(target, saved?.root?.startsWith("/") ? saved.root : undefined);
    },
    [connectionCommandIds.forgetPassword]: async (argument) => forgetPassword(ui, argument),
    [connectionCommandIds.editSshConfig]: async (argument) => {
      const { ssh } = await ui.app();
      await openSshConfig(ssh.usersFile, targetOf(argument)?.host);
    },
    [connectionCommandIds.exportConnections]: async () => exportConnections(await ui.app()),
    [connectionCommandIds.importConnections]: async () => importConnections(await ui.app()),
  };
}

async function rename(app: App, saved: SavedConnection): Promise<void> {
  const written = formatTarget(saved.target);
  const name = await vscode.window.showInputBox({
    title: l10n.t("Rename {0}", displayText(saved.name)),
    prompt: l10n.t("Leave it empty to show {0}.", displayText(written)),
    value: saved.name,
    ignoreFocusOut: true,
  });
  if (name === undefined) throw new Cancelled();
  await app.savedConnections.change(saved.id, (now) => now && { ...now, name: name.trim() || written });
}

/** Copies environment and root to another host or user: two entries never have the same target. */
async function duplicate(app: App, saved: SavedConnection): Promise<void> {
  const all = await app.savedConnections.list();
  const target = await askForTarget(l10n.t("Duplicate {0}", displayText(saved.name)), saved.target, all);
  await app.savedConnections.save(duplicateOf(saved, target));
}

async function askForTarget(title: string, before: Target, all: readonly SavedConnection[]): Promise<Target> {
  const typed = await vscode.window.showInputBox({
    title,
    prompt: l10n.t("Enter user@host[:port] or a Host from ~/.ssh/config."),
    value: formatTarget(before),
    ignoreFocusOut: true,
    validateInput: (text) => {
      const target = tryParse(text);
      if (!target) return l10n.t("Enter user@host[:port] or a Host from ~/.ssh/config.");
      const isThere = all.some(({ id }) => id === savedIdOf(target));
      return isThere ? l10n.t("There is a connection to {0} already.", displayText(text.trim())) : undefined;
    },
  });
  const target = typed === undefined ? undefined : tryParse(typed);
  if (!target) throw new Cancelled();
  return target;
}

function tryParse(text: string): Target | undefined {
  try {
    return text.trim() === "" ? undefined : parseTarget(text);
  } catch {
    return undefined;
  }
}

async function forgetPassword(ui: Ui, argument: unknown): Promise<void> {
  const app = await ui.app();
  const kept = (one: SavedConnection): boolean => (one.passwords ?? []).length > 0;
  const chosen = savedOf(argument);
  const saved = chosen ?? (await pick((await app.savedConnections.list()).filter(kept)));
  if (!saved || !kept(saved)) {
    void vscode.window.showInformationMessage(l10n.t("No password is saved."));
    throw new Cancelled();
  }
  const forget = l10n.t("Forget Password");
  const detail = l10n.t("The next connection asks for it again.");
  const question = l10n.t("Forget the saved password of {0}?", displayText(saved.name));
  if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, forget)) !== forget)
    throw new Cancelled();
  const passwords = passwordsIn(ui.secrets);
  for (const name of saved.passwords ?? []) await passwords.forget(name);
  app.connections.forget(saved.target);
  await app.savedConnections.change(saved.id, (now) => now && { ...now, passwords: undefined });
}

/** The saved connection of the item, or a picked one. @param isOffered filters the list; default: all. @throws Cancelled */
async function savedFrom(
  app: App,
  argument: unknown,
  isOffered: (one: SavedConnection) => boolean = () => true,
): Promise<SavedConnection> {
  const saved = savedOf(argument) ?? (await pick((await app.savedConnections.list()).filter(isOffered)));
  if (saved) return saved;
  void vscode.window.showInformationMessage(l10n.t("No saved connection uses SSH."));
  throw new Cancelled();
}

function usesSsh({ target }: SavedConnection): boolean {
  return !isThisMachine(target);
}

/** The SSH target of the item, saved or only open. */
async function reachable(app: App, argument: unknown): Promise<Parameters<typeof requestFor>[0]> {
  const target = targetOf(argument);
  return savedOf(argument) ?? (target ? { target } : savedFrom(app, argument, usesSsh));
}

async function pick(connections: readonly SavedConnection[]): Promise<SavedConnection | undefined> {
  if (connections.length === 0) return undefined;
  const items = inOrder(connections).map((saved) => ({
    label: displayLabel(saved.name),
    description: [groupOf(saved), formatTarget(saved.target)]
      .filter((one) => one !== undefined)
      .map(displayLabel)
      .join(" · "),
    saved,
  }));
  const picked = await vscode.window.showQuickPick(items, { title: l10n.t("Choose a connection") });
  if (!picked) throw new Cancelled();
  return picked.saved;
}

/** The connection of the tree item that a command was invoked on. */
function dataOf(argument: unknown): { saved?: SavedConnection; target?: Target } | undefined {
  if (typeof argument !== "object" || argument === null || !("data" in argument)) return undefined;
  return argument.data as { saved?: SavedConnection; target?: Target };
}

function savedOf(argument: unknown): SavedConnection | undefined {
  return dataOf(argument)?.saved;
}

function targetOf(argument: unknown): Target | undefined {
  return dataOf(argument)?.target;
}

/** Validates a target from the argument of a command link. */
function readTarget(argument: unknown): Target | undefined {
  return readViewerPlace({ target: argument })?.target;
}

/** Quotes only if needed, for readability. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : quoteForShell(word);
}
