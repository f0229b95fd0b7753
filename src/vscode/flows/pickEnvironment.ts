import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import { displayText } from "../../common/bytes.js";
import { Cancelled } from "../../common/failure.js";
import type { HostEnvironments, PythonEnvironment } from "../../environments/environment.js";
import type { Connection } from "../../ssh/connection.js";
import type { Ui } from "../ui.js";
import { askForInterpreter } from "./askForInterpreter.js";
import { installRunicorn } from "./installRunicorn.js";

interface Choice extends vscode.QuickPickItem {
  readonly environment?: PythonEnvironment;
  /** Asks for the path of an interpreter that the search did not find. */
  readonly asksForPath?: true;
}

/** What was chosen, with what the same probe said of the host. */
export interface ChosenEnvironment {
  readonly environment: PythonEnvironment;
  readonly host: HostEnvironments;
}

/**
 * Asks for one of the host's Python environments; installs Runicorn in one without it, when that is chosen.
 * @param lastUsed interpreter that is offered first.
 * @throws Cancelled
 */
export async function pickEnvironment(
  ui: Ui,
  app: App,
  connection: Connection,
  lastUsed: string | undefined,
): Promise<ChosenEnvironment> {
  for (;;) {
    const chosen = await choose(app, connection, lastUsed);
    if (chosen.environment.runicornVersion !== undefined) return chosen;
    await installRunicorn(ui, app, connection, chosen.environment);
    lastUsed = chosen.environment.python;
  }
}

function choose(app: App, connection: Connection, lastUsed: string | undefined): Promise<ChosenEnvironment> {
  const pick = vscode.window.createQuickPick<Choice>();
  const refresh: vscode.QuickInputButton = {
    iconPath: new vscode.ThemeIcon("refresh"),
    tooltip: l10n.t("Search again"),
  };
  const stop = new AbortController();
  let found: HostEnvironments | undefined;
  pick.title = l10n.t("Python environment on {0}", displayText(connection.target.host));
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  pick.buttons = [refresh];
  return new Promise((resolve, reject) => {
    const end = (error: unknown): void => {
      stop.abort();
      reject(error instanceof Error ? error : new Error(String(error)));
      pick.dispose();
    };
    const load = async (again: boolean): Promise<void> => {
      pick.busy = true;
      pick.placeholder = l10n.t("Looking for Python environments…");
      found = await app.environments.list(connection, { refresh: again, signal: stop.signal });
      pick.busy = false;
      pick.placeholder = found.complete
        ? l10n.t("Choose the environment whose Runicorn shows the runs")
        : l10n.t("The search was cut short; there may be more environments");
      pick.items = choicesFor(found, lastUsed);
    };
    pick.onDidTriggerButton(() => void load(true).catch(end));
    pick.onDidHide(() => end(new Cancelled()));
    pick.onDidAccept(() => {
      const [chosen] = pick.activeItems;
      if (chosen?.asksForPath && found) {
        const host = found;
        resolve(askForInterpreter(app, connection).then((environment) => ({ environment, host })));
        pick.dispose();
        return;
      }
      const environment = chosen?.environment;
      if (!environment || !found) return;
      if (environment.problem !== undefined) {
        pick.placeholder = l10n.t(
          "{0} cannot be used: {1}",
          displayText(environment.name),
          environment.problem,
        );
        return;
      }
      resolve({ environment, host: found });
      pick.dispose();
    });
    pick.show();
    load(false).catch(end);
  });
}

function choicesFor({ environments }: HostEnvironments, lastUsed: string | undefined): Choice[] {
  const ready = environments.filter(
    ({ problem, runicornVersion }) => !problem && runicornVersion !== undefined,
  );
  const without = environments.filter(
    ({ problem, runicornVersion }) => !problem && runicornVersion === undefined,
  );
  const broken = environments.filter(({ problem }) => problem !== undefined);
  const lastFirst = [...ready].sort((a, b) => Number(b.python === lastUsed) - Number(a.python === lastUsed));
  return [
    ...section(l10n.t("With Runicorn"), lastFirst.map(readyChoice)),
    ...section(l10n.t("Without Runicorn"), without.map(installChoice)),
    ...section(l10n.t("Broken"), broken.map(brokenChoice)),
    ...section(l10n.t("Not in this list"), [
      { label: `$(edit) ${l10n.t("Enter the path of a Python…")}`, asksForPath: true, alwaysShow: true },
    ]),
  ];
}

function section(label: string, choices: readonly Choice[]): Choice[] {
  return choices.length === 0 ? [] : [{ label, kind: vscode.QuickPickItemKind.Separator }, ...choices];
}

function readyChoice(environment: PythonEnvironment): Choice {
  const { name, kind, pythonVersion, runicornVersion, python } = environment;
  return {
    environment,
    label: displayText(name),
    description: `${kind} · Python ${pythonVersion ?? "?"} · Runicorn ${runicornVersion ?? ""}`,
    detail: displayText(python),
  };
}

function installChoice(environment: PythonEnvironment): Choice {
  const { name, kind, pythonVersion, python } = environment;
  return {
    environment,
    label: `$(cloud-download) ${displayText(name)}`,
    description: `${kind} · Python ${pythonVersion ?? "?"} · ${l10n.t("Install Runicorn here…")}`,
    detail: displayText(python),
  };
}

function brokenChoice(environment: PythonEnvironment): Choice {
  const { name, kind, problem } = environment;
  return { environment, label: `$(error) ${displayText(name)}`, description: kind, detail: problem ?? "" };
}
