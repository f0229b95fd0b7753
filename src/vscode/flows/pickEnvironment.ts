import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import { displayText } from "../../common/text/displayText.js";
import { hostName } from "../../messages/hostName.js";
import { Cancelled } from "../../common/failure.js";
import type { HostEnvironments, PythonEnvironment } from "../../environments/environment.js";
import type { Connection } from "../../ssh/model/connection.js";
import { editLines } from "../environments/editLines.js";
import {
  environmentButtons,
  type EnvironmentItem,
  environmentItems,
} from "../environments/environmentItems.js";
import { installFromHere } from "../environments/installFromHere.js";
import { runCommandIds } from "../kit/commandIds.js";
import { onHost } from "../kit/reportFailure.js";
import type { Ui } from "../kit/ui.js";
import { askForInterpreter } from "./askForInterpreter.js";
import { installRunicorn } from "./installRunicorn.js";

/** The choice, with the result of the probe. */
export interface ChosenEnvironment {
  readonly environment: PythonEnvironment;
  /** Whether to install Runicorn from this machine, if it is missing. */
  readonly fromHere?: boolean | undefined;
  readonly host: HostEnvironments;
}

/**
 * Asks for one of the host's Python environments, and installs Runicorn in it if it is missing.
 * @param lastUsed interpreter that comes first.
 * @param signal closes the quick pick.
 * @throws Cancelled
 */
export async function pickEnvironment(
  ui: Ui,
  app: App,
  connection: Connection,
  lastUsed: string | undefined,
  signal?: AbortSignal,
): Promise<ChosenEnvironment> {
  const chosen = await choose(app, connection, lastUsed, signal);
  const { environment, fromHere = false } = chosen;
  if (environment.runicornVersion !== undefined) return chosen;
  const install = fromHere ? installFromHere : installRunicorn;
  return { ...chosen, environment: await install(ui, app, connection, environment) };
}

/** Syncs the runs instead, which needs no Runicorn on the host. @throws Cancelled */
function syncInstead(connection: Connection): Promise<never> {
  const { target } = connection;
  void vscode.commands.executeCommand(runCommandIds.syncRuns, {
    data: { kind: "connection", connection, target },
  });
  return Promise.reject(new Cancelled());
}

function createList({ target }: Connection): vscode.QuickPick<EnvironmentItem> {
  const pick = vscode.window.createQuickPick<EnvironmentItem>();
  pick.title = l10n.t("Python environment on {0}", hostName(target.host));
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  // The page of the panel takes the focus when it is loaded.
  pick.ignoreFocusOut = true;
  pick.buttons = [{ iconPath: new vscode.ThemeIcon("refresh"), tooltip: l10n.t("Search again") }];
  return pick;
}

function cannotBeUsed({ name, problem = "" }: PythonEnvironment): string {
  return l10n.t("{0} cannot be used: {1}", displayText(name), problem);
}

function choose(
  app: App,
  connection: Connection,
  lastUsed: string | undefined,
  signal: AbortSignal | undefined,
): Promise<ChosenEnvironment> {
  const pick = createList(connection);
  const buttons = environmentButtons();
  /** Another question is shown instead of the list. */
  let isCovered = false;
  const stop = new AbortController();
  let found: HostEnvironments | undefined;
  return new Promise((resolve, reject) => {
    const end = (error: unknown): void => {
      stop.abort();
      reject(error instanceof Error ? onHost(connection.target, error) : new Error(String(error)));
      pick.dispose();
    };
    const load = async (again: boolean): Promise<void> => {
      pick.busy = true;
      pick.placeholder = l10n.t("Looking for Python environments…");
      found = await app.environments.list(connection, { refresh: again, signal: stop.signal });
      pick.busy = false;
      pick.placeholder = found.complete
        ? l10n.t("Select a Python environment with Runicorn")
        : l10n.t("Search timed out; the list may be incomplete");
      pick.items = environmentItems(found, lastUsed, buttons);
    };
    pick.onDidTriggerButton(() => void load(true).catch(end));
    const changeLines = async (environment: PythonEnvironment): Promise<void> => {
      isCovered = true;
      const isChanged = await editLines(app, connection.target, environment);
      isCovered = false;
      if (signal?.aborted) return end(new Cancelled());
      pick.show();
      if (isChanged) await load(true);
    };
    pick.onDidTriggerItemButton(({ item: { environment }, button }) => {
      if (!environment || !found) return;
      if (button === buttons.lines) return void changeLines(environment).catch(end);
      resolve({ environment, host: found, fromHere: true });
      pick.dispose();
    });
    pick.onDidHide(() => {
      if (!isCovered) end(new Cancelled());
    });
    signal?.addEventListener("abort", () => pick.hide(), { once: true });
    pick.onDidAccept(() => {
      const [{ environment, does } = {}] = pick.activeItems;
      const host = found;
      if (!host) return;
      if (does === "edit-lines" && environment) return void changeLines(environment).catch(end);
      if (does === "refuse" && environment) {
        pick.placeholder = cannotBeUsed({
          ...environment,
          problem: `Python ${environment.pythonVersion ?? ""}`,
        });
        return;
      }
      if (environment?.problem !== undefined) {
        pick.placeholder = cannotBeUsed(environment);
        return;
      }
      if (does === "sync-runs") resolve(syncInstead(connection));
      else if (does === "ask-for-path")
        resolve(askForInterpreter(app, connection, signal).then((asked) => ({ environment: asked, host })));
      else if (environment) resolve({ environment, host });
      else return;
      pick.dispose();
    });
    pick.show();
    load(false).catch(end);
  });
}
