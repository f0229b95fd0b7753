import type { Disposable } from "../common/async/disposable.js";
import { madeOnce } from "../common/async/madeOnce.js";
import type { Ui } from "./kit/ui.js";
import type { ViewerLogs } from "./viewers/viewerLogs.js";
import type { ViewerPanels } from "./viewers/viewerPanels.js";

/** The panels and logs of viewers, loaded and created on first use. */
export interface LateViewers {
  readonly panels: () => Promise<ViewerPanels>;
  readonly logs: () => Promise<ViewerLogs>;
}

/** @param subscriptions receives what is created, to dispose it. */
export function createLateViewers(ui: Ui, subscriptions: Disposable[]): LateViewers {
  const kept = <D extends Disposable>(made: D): D => {
    subscriptions.push(made);
    return made;
  };
  const makePanels = async (): Promise<ViewerPanels> => {
    const [app, { createViewerPanels }, { createOpenings }] = await Promise.all([
      ui.app(),
      import("./viewers/viewerPanels.js"),
      import("./flows/openings.js"),
    ]);
    return kept(createViewerPanels(ui, app, createOpenings(ui)));
  };
  const makeLogs = async (): Promise<ViewerLogs> => {
    const [app, { createViewerLogs }] = await Promise.all([ui.app(), import("./viewers/viewerLogs.js")]);
    return kept(createViewerLogs(app));
  };
  return { panels: madeOnce(makePanels), logs: madeOnce(makeLogs) };
}
