import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { displayText } from "../../common/text/displayText.js";
import {
  hasOldPython,
  type HostEnvironments,
  isTooOld,
  lacksLibrary,
  type PythonEnvironment,
} from "../../environments/environment.js";

/** A row in the list of a host's environments. */
export interface EnvironmentItem extends vscode.QuickPickItem {
  readonly environment?: PythonEnvironment;
  readonly does?:
    /** Asks for the path of an interpreter that the search did not find. */
    | "ask-for-path"
    /** Edits the lines to run before it, without which it does not start. */
    | "edit-lines"
    /** Not selectable: its Python is too old for Runicorn. */
    | "refuse"
    /** Syncs the runs, which needs no Python on the host. */
    | "sync-runs";
}

/** Buttons of a row, compared by identity. */
export interface EnvironmentButtons {
  readonly lines: vscode.QuickInputButton;
  readonly fromHere: vscode.QuickInputButton;
}

export function environmentButtons(): EnvironmentButtons {
  return {
    lines: { iconPath: new vscode.ThemeIcon("terminal"), tooltip: l10n.t("Lines to Run Before…") },
    fromHere: {
      iconPath: new vscode.ThemeIcon("cloud-upload"),
      tooltip: l10n.t("Install Runicorn from This Machine…"),
    },
  };
}

/** The rows, most likely ones first. @param lastUsed interpreter that comes first. */
export function environmentItems(
  { environments }: HostEnvironments,
  lastUsed: string | undefined,
  buttons: EnvironmentButtons,
): EnvironmentItem[] {
  const running = environments.filter(({ problem }) => problem === undefined);
  const ready = running.filter(({ runicornVersion }) => runicornVersion !== undefined);
  const without = running.filter(({ runicornVersion }) => runicornVersion === undefined);
  const broken = environments.filter(({ problem }) => problem !== undefined);
  const likely = ready
    .filter((one) => !isTooOld(one))
    .sort((a, b) => rank(b, lastUsed) - rank(a, lastUsed) || compareVersions(b, a));
  const readyItem = (one: PythonEnvironment): EnvironmentItem => ({
    ...readyRow(one, one.python === lastUsed),
    buttons: [buttons.lines],
  });
  return [
    ...section(l10n.t("With Runicorn"), likely.map(readyItem)),
    ...section(
      l10n.t("Without Runicorn"),
      without
        .filter((one) => !hasOldPython(one))
        .map((one) => ({ ...installRow(one), buttons: [buttons.fromHere, buttons.lines] })),
    ),
    ...section(
      l10n.t("Too old: shows only part of the runs, 0.6 or later is needed"),
      ready.filter(isTooOld).map(readyItem),
    ),
    ...section(
      l10n.t("Python too old: Runicorn needs 3.10 or later"),
      without.filter(hasOldPython).map(oldRow),
    ),
    ...section(
      l10n.t("Need lines to run before"),
      broken.filter(lacksLibrary).map((one) => ({ ...lackingRow(one), buttons: [buttons.lines] })),
    ),
    ...section(
      l10n.t("Broken"),
      broken
        .filter((one) => !lacksLibrary(one))
        .map((one) => ({ ...brokenRow(one), buttons: [buttons.lines] })),
    ),
    ...(ready.length === 0 ? section(l10n.t("Nothing to install"), [syncRow()]) : []),
    ...section(l10n.t("Not in this list"), [
      {
        label: `$(edit) ${l10n.t("Enter the path of a Python…")}`,
        does: "ask-for-path",
        alwaysShow: true,
      },
    ]),
  ];
}

function section(label: string, items: readonly EnvironmentItem[]): EnvironmentItem[] {
  return items.length === 0 ? [] : [{ label, kind: vscode.QuickPickItemKind.Separator }, ...items];
}

function rank({ python }: PythonEnvironment, lastUsed: string | undefined): number {
  return Number(python === lastUsed);
}

function compareVersions(a: PythonEnvironment, b: PythonEnvironment): number {
  return (a.runicornVersion ?? "").localeCompare(b.runicornVersion ?? "", "en", { numeric: true });
}

function readyRow(environment: PythonEnvironment, isLastUsed: boolean): EnvironmentItem {
  const { name, kind, pythonVersion, runicornVersion, python, isOthers } = environment;
  return {
    environment,
    label: displayText(name),
    description: [
      kind,
      `Python ${pythonVersion ?? "?"}`,
      `Runicorn ${runicornVersion ?? ""}`,
      ...(isOthers ? [l10n.t("of another account")] : []),
      ...(isLastUsed ? [l10n.t("used last time")] : []),
    ].join(" · "),
    detail: displayText(python),
  };
}

function installRow(environment: PythonEnvironment): EnvironmentItem {
  const { name, kind, pythonVersion, python } = environment;
  return {
    environment,
    label: `$(cloud-download) ${displayText(name)}`,
    description: `${kind} · Python ${pythonVersion ?? "?"} · ${l10n.t("Install Runicorn here…")}`,
    detail: displayText(python),
  };
}

function oldRow(environment: PythonEnvironment): EnvironmentItem {
  const { name, kind, pythonVersion, python } = environment;
  const description = `${kind} · Python ${pythonVersion ?? "?"}`;
  return { environment, does: "refuse", label: displayText(name), description, detail: displayText(python) };
}

function lackingRow(environment: PythonEnvironment): EnvironmentItem {
  const { name, kind, problem = "" } = environment;
  return {
    environment,
    does: "edit-lines",
    label: `$(terminal) ${displayText(name)}`,
    description: [kind, problem].join(" · "),
    detail: l10n.t("Enter lines to run before, such as module load python…"),
  };
}

function brokenRow(environment: PythonEnvironment): EnvironmentItem {
  const { name, kind, problem } = environment;
  return { environment, label: `$(error) ${displayText(name)}`, description: kind, detail: problem ?? "" };
}

function syncRow(): EnvironmentItem {
  return {
    does: "sync-runs",
    label: `$(sync) ${l10n.t("Sync Runs…")}`,
    detail: l10n.t("Runs, charts and logs on this machine: nothing is needed on the host."),
    alwaysShow: true,
  };
}
