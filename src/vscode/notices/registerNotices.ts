import type * as vscode from "vscode";
import type { App } from "../../app.js";
import { madeOnce } from "../../common/async/madeOnce.js";
import type { RunWatch } from "../../runs/watch/runWatch.js";
import { noticeCommandIds } from "../kit/commandIds.js";
import { registerLate } from "../kit/registerLate.js";
import type { Ui } from "../kit/ui.js";

/** The run watch, created on first use. */
export type LateWatch = () => Promise<RunWatch>;

/** Loads the run watch with the app: a window that does not use us watches nothing. */
export function createLateWatch(ui: Ui, subscriptions: vscode.Disposable[]): LateWatch {
  return madeOnce(async () => {
    const [{ syncs }, { createRunWatch }] = await Promise.all([
      ui.app(),
      import("../../runs/watch/runWatch.js"),
    ]);
    const made = createRunWatch({ syncs, logger: ui.log });
    subscriptions.push(made);
    return made;
  });
}

export function registerNotices(ui: Ui, watch: LateWatch): vscode.Disposable {
  return registerLate(ui, noticeCommandIds, async () =>
    (await import("./noticeCommands.js")).noticeHandlers(ui, watch),
  );
}

/** Starts to show notices. @param view its badge shows the number of unseen ones. */
export async function startTelling(
  app: App,
  watch: LateWatch,
  view: { badge: vscode.ViewBadge | undefined },
  subscriptions: vscode.Disposable[],
): Promise<void> {
  const [made, { tellNotices }] = await Promise.all([watch(), import("./tellNotices.js")]);
  subscriptions.push(tellNotices(app, made, (badge) => (view.badge = badge)));
}
