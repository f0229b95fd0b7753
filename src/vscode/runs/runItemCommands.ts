import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { Cancelled } from "../../common/failure.js";
import type { Run } from "../../sync/runIndex/runs.js";
import { runItemCommandIds } from "../kit/commandIds.js";
import type { Handlers } from "../kit/registerLate.js";
import { runLabel } from "../runKit/runWords.js";
import { dataOf } from "./chosenRuns.js";
import type { RunsTree } from "./runsTree.js";
import type { TailLogs } from "../runLogs/tailLogs.js";

/** Handlers of the commands for single runs in the tree. */
export function runItemHandlers(
  tree: RunsTree,
  logs: () => Promise<TailLogs>,
): Handlers<typeof runItemCommandIds> {
  const pin = (argument: unknown, selection: unknown, isPinned: boolean): Promise<void> => {
    const nodes: unknown[] = Array.isArray(selection) && selection.length > 0 ? selection : [argument];
    return tree.pin(
      nodes.flatMap((node) => dataOf(node, "run")?.run ?? []),
      isPinned,
    );
  };
  return {
    [runItemCommandIds.pinRun]: (argument, selection) => pin(argument, selection, true),
    [runItemCommandIds.unpinRun]: (argument, selection) => pin(argument, selection, false),
    [runItemCommandIds.stopTail]: async (argument) => {
      const tails = await logs();
      tails.stop(dataOf(argument, "run")?.run ?? (await pickTail(tails)));
    },
  };
}

/** The shown log, or a picked one of several. @throws Cancelled */
async function pickTail({ shown }: TailLogs): Promise<Run> {
  const [only] = shown;
  if (!only) {
    void vscode.window.showInformationMessage(l10n.t("No log is followed."));
    throw new Cancelled();
  }
  if (shown.length === 1) return only;
  const items = shown.map((run) => ({ label: runLabel(run), description: run.path, run }));
  const picked = await vscode.window.showQuickPick(items, { title: l10n.t("Choose a log") });
  if (!picked) throw new Cancelled();
  return picked.run;
}
