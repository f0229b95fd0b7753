import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import { displayText } from "../../common/text/displayText.js";
import { Cancelled } from "../../common/failure.js";
import { type HostEnvironments, isTooOld, type PythonEnvironment } from "../../environments/environment.js";
import type { Connection } from "../../ssh/model/connection.js";
import type { Ui } from "../kit/ui.js";
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
  const chosen = await choose(app, connection, lastUsed);
  if (chosen.environment.runicornVersion !== undefined) return chosen;
  return { ...chosen, environment: await installRunicorn(ui, app, connection, chosen.environment) };
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
        ? l10n.t("Select a Python environment with Runicorn")
        : l10n.t("Search timed out; the list may be incomplete");
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
  const likely = ready
    .filter((one) => !isTooOld(one))
    .sort((a, b) => rank(b, lastUsed) - rank(a, lastUsed) || compareVersions(b, a));
  return [
    ...section(
      l10n.t("With Runicorn"),
      likely.map((one) => readyChoice(one, one.python === lastUsed)),
    ),
    ...section(l10n.t("Without Runicorn"), without.map(installChoice)),
    ...section(
      l10n.t("Too old: shows only part of the runs, 0.6 or later is needed"),
      ready.filter(isTooOld).map((one) => readyChoice(one, one.python === lastUsed)),
    ),
    ...section(l10n.t("Broken"), broken.map(brokenChoice)),
    ...section(l10n.t("Not in this list"), [
      { label: `$(edit) ${l10n.t("Enter the path of a Python…")}`, asksForPath: true, alwaysShow: true },
    ]),
  ];
}

function section(label: string, choices: readonly Choice[]): Choice[] {
  return choices.length === 0 ? [] : [{ label, kind: vscode.QuickPickItemKind.Separator }, ...choices];
}

function rank({ python }: PythonEnvironment, lastUsed: string | undefined): number {
  return Number(python === lastUsed);
}

function compareVersions(a: PythonEnvironment, b: PythonEnvironment): number {
  return (a.runicornVersion ?? "").localeCompare(b.runicornVersion ?? "", "en", { numeric: true });
}

function readyChoice(environment: PythonEnvironment, isLastUsed: boolean): Choice {
  const { name, kind, pythonVersion, runicornVersion, python } = environment;
  return {
    environment,
    label: displayText(name),
    description: [
      kind,
      `Python ${pythonVersion ?? "?"}`,
      `Runicorn ${runicornVersion ?? ""}`,
      ...(isLastUsed ? [l10n.t("used last time")] : []),
    ].join(" · "),
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
