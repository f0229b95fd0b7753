import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import { Cancelled } from "../../common/failure.js";
import type { Run } from "../../sync/runIndex/runs.js";
import { runCommandIds } from "../kit/commandIds.js";
import { runDescription, runLabel } from "../runKit/runWords.js";
import type { RunNode, RunNodeData } from "./runNodes.js";

/** The data of a tree item that a command was invoked on. */
export function dataOf<K extends RunNodeData["kind"]>(
  argument: unknown,
  kind: K,
): Extract<RunNodeData, { kind: K }> | undefined {
  if (typeof argument !== "object" || argument === null || !("data" in argument)) return undefined;
  const { data } = argument as RunNode;
  return data.kind === kind ? (data as Extract<RunNodeData, { kind: K }>) : undefined;
}

/** The runs of the item and all selected ones, or picked ones. */
export async function runsFrom(app: App, argument: unknown, selection: unknown): Promise<readonly Run[]> {
  const nodes: unknown[] = Array.isArray(selection) && selection.length > 0 ? selection : [argument];
  const chosen = nodes.flatMap((node) => {
    const group = dataOf(node, "runGroup");
    const run = dataOf(node, "run");
    return group ? group.runs : run ? [run.run] : [];
  });
  if (chosen.length > 0) return [...new Set(chosen)];
  const options = { title: l10n.t("Choose runs"), canPickMany: true, matchOnDescription: true } as const;
  const picked = await vscode.window.showQuickPick(await runChoices(app), options);
  if (!picked || picked.length === 0) throw new Cancelled();
  return picked.map(({ run }) => run);
}

/** The run of the item, or a picked one. */
export async function runFrom(app: App, argument: unknown): Promise<Run> {
  const data = dataOf(argument, "run");
  if (data) return data.run;
  const options = { title: l10n.t("Choose a run"), matchOnDescription: true };
  const picked = await vscode.window.showQuickPick(await runChoices(app), options);
  if (!picked) throw new Cancelled();
  return picked.run;
}

async function runChoices(app: App): Promise<(vscode.QuickPickItem & { readonly run: Run })[]> {
  const runs = await app.syncs.runs();
  if (runs.length === 0) return nothingSynced();
  return runs.map((run) => ({
    label: runLabel(run),
    description: run.path,
    detail: runDescription(run),
    run,
  }));
}

/** Says that nothing is synced, with a button to sync. @throws Cancelled, always. */
export function nothingSynced(): never {
  const sync = l10n.t("Sync Runs to This Machine…");
  void vscode.window
    .showInformationMessage(l10n.t("No runs are synced to this machine."), sync)
    .then((chosen) => chosen === sync && vscode.commands.executeCommand(runCommandIds.syncRuns));
  throw new Cancelled();
}
