import * as vscode from "vscode";
import type { Run } from "../../sync/runIndex/runs.js";
import { runCommandIds, runPageCommandIds } from "../kit/commandIds.js";

/** Shows the run of a notice. */
export async function openTold(run: Run): Promise<void> {
  await vscode.commands.executeCommand(runPageCommandIds.openRun, onItem(run));
}

export async function showLogOf(run: Run): Promise<void> {
  await vscode.commands.executeCommand(runCommandIds.tailLog, onItem(run));
}

/** The argument that a command gets from a tree item. */
function onItem(run: Run): unknown {
  return { data: { kind: "run", run } };
}
