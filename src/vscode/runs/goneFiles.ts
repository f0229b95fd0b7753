import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { sentences } from "../../messages/language/sentences.js";
import type { App } from "../../app.js";
import type { Disposable } from "../../common/async/disposable.js";
import { Cancelled } from "../../common/failure.js";
import { describeFailure } from "../../messages/describeFailure.js";
import type { Sync } from "../../sync/syncState.js";
import { syncTitle } from "../runKit/runWords.js";

/** Milliseconds after which a state is settled: failed starts are reported by their caller. */
const calm = 500;

/** Whether a sync has failed because much is gone from the host. */
export function isMuchGone({ state }: Sync): boolean {
  return state.kind === "failed" && state.failure.code === "sync-much-gone";
}

/** Asks once, whenever much is gone from a host, whether to remove it here, too. */
export function tellGone({ syncs }: App): Disposable {
  const told = new Set<string>();
  const timers = new Map<string, NodeJS.Timeout>();
  const look = async (id: string): Promise<void> => {
    timers.delete(id);
    const sync = await syncs.get(id);
    if (!sync || sync.state.kind === "waiting" || sync.state.kind === "stopped") told.delete(id);
    if (!sync || !isMuchGone(sync) || told.has(id)) return;
    told.add(id);
    const remove = removeText();
    const text = `${syncTitle(sync)}: ${goneText(sync)}`;
    if ((await vscode.window.showWarningMessage(text, l10n.t("Keep"), remove)) === remove) {
      await syncs.removeGone(id);
    }
  };
  const listening = syncs.onDidChange((id) => {
    if (!timers.has(id))
      timers.set(
        id,
        setTimeout(() => void look(id), calm),
      );
  });
  return {
    dispose: () => {
      listening.dispose();
      timers.forEach((timer) => clearTimeout(timer));
    },
  };
}

/** For the tree: asks before removing, with what is gone. @throws Cancelled */
export async function removeGone({ syncs }: App, sync: Sync): Promise<void> {
  if (!isMuchGone(sync)) throw new Cancelled();
  const remove = removeText();
  const options = { modal: true, detail: goneText(sync) };
  const question = l10n.t("Remove what is gone from {0} here too?", syncTitle(sync));
  if ((await vscode.window.showWarningMessage(question, options, remove)) !== remove) throw new Cancelled();
  await syncs.removeGone(sync.id);
}

function removeText(): string {
  return l10n.t("Remove Them Here Too");
}

function goneText({ state }: Sync): string {
  if (state.kind !== "failed") return "";
  const { message, advice } = describeFailure(state.failure);
  return sentences(message, advice);
}
