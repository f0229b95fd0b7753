import * as vscode from "vscode";
import type { Run } from "../../sync/runIndex/runs.js";
import { runCommandIds, runPageCommandIds } from "../kit/commandIds.js";

/** Shows the run that something was told of. */
export async function openTold(run: Run): Promise<void> {
  await vscode.commands.executeCommand(runPageCommandIds.openRun, onItem(run));
}

export async function showLogOf(run: Run): Promise<void> {
  await vscode.commands.executeCommand(runCommandIds.tailLog, onItem(run));
}

/** As the tree's item would be given to a command. */
function onItem(run: Run): unknown {
  return { data: { kind: "run", run } };
}
