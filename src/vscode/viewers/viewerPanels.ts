import * as vscode from "vscode";
import type { App } from "../../app.js";
import type { Disposable } from "../../common/async/disposable.js";
import type { ViewerSession } from "../../viewer/session/session.js";
import type { OpeningProgress } from "../kit/progress.js";
import type { Ui } from "../kit/ui.js";
import { viewerPanelType } from "../kit/viewIds.js";
import { isSamePlace, type ViewerPlace } from "../kit/viewerPlace.js";
import { readPageState } from "./page.js";
import { placeTitle, sessionTitle } from "./sessionWords.js";
import { type Openings, ViewerPanel } from "./viewerPanel.js";

/** The panels that show viewers, one per session. One whose viewer has ended is used again for the same place. */
export interface ViewerPanels extends Disposable {
  show(session: ViewerSession): void;
  /** Shows a panel at once, in it how far `work` is or what went wrong, then the viewer. Settles when that is over. */
  open(place: ViewerPlace, work: (progress: OpeningProgress) => Promise<ViewerSession>): Promise<void>;
  /** Takes over a panel that VS Code restored. */
  restore(panel: vscode.WebviewPanel, state: unknown): Promise<void>;
  /** Loads the page in the panel anew. */
  reload(sessionId: string): void;
  /** Whether a panel can be seen that shows this session, or how it ended. */
  isVisible(sessionId: string): boolean;
  /** The session whose panel has the focus. */
  readonly activeSessionId: string | undefined;
}

export function createViewerPanels(ui: Ui, app: App, openings: Openings): ViewerPanels {
  const all = new Set<ViewerPanel>();

  const take = (panel: vscode.WebviewPanel): ViewerPanel => {
    const made = new ViewerPanel(ui, app, openings, panel);
    all.add(made);
    panel.onDidDispose(() => all.delete(made));
    return made;
  };
  const create = (title: string): ViewerPanel => {
    const column = vscode.window.activeTextEditor ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active;
    const options = { enableScripts: true, retainContextWhenHidden: true };
    return take(vscode.window.createWebviewPanel(viewerPanelType, title, column, options));
  };
  const of = (sessionId: string): ViewerPanel | undefined =>
    [...all].find((one) => one.sessionId === sessionId);
  /** Those of the place that show no viewer; the active one first. */
  const freeAt = (place: ViewerPlace): ViewerPanel[] =>
    [...all]
      .filter((one) => one.isFree && one.place && isSamePlace(one.place, place))
      .sort((a, b) => Number(b.panel.active) - Number(a.panel.active));
  /** Closes what else shows that a viewer of this place has ended: one runs. */
  const closeFree = (place: ViewerPlace | undefined): void => {
    for (const one of place ? freeAt(place) : []) one.panel.dispose();
  };
  const begun = (made: ViewerPanel, place?: ViewerPlace): ViewerPanel => {
    made.begin(place);
    return made;
  };

  const events = app.viewers.onDidChange(() => {
    for (const one of all) one.update();
  });

  return {
    show: (session) => {
      const target = app.connections.get(session.connectionId)?.target;
      const place = target && { target, root: session.root };
      const present = of(session.id) ?? (place && freeAt(place)[0]);
      const shown = present ?? begun(create(sessionTitle(session)));
      shown.show(session);
      if (present) present.panel.reveal();
      closeFree(place);
    },
    open: async (place, work) => {
      const busy = [...all].find((one) => one.isBusy && one.place && isSamePlace(one.place, place));
      if (busy) return busy.panel.reveal();
      const present = freeAt(place)[0];
      present?.panel.reveal();
      const shown = present ?? begun(create(placeTitle(place)), place);
      const session = await shown.open(place, work);
      if (!session) return;
      // Another panel may show what was found to be running.
      const other = [...all].find((one) => one !== shown && one.sessionId === session.id);
      if (other) {
        shown.panel.dispose();
        other.panel.reveal();
      }
      closeFree(shown.place);
    },
    restore: async (panel, state) => take(panel).restore(readPageState(state)),
    reload: (sessionId) => of(sessionId)?.reload(),
    isVisible: (sessionId) => of(sessionId)?.panel.visible === true,
    get activeSessionId() {
      return [...all].find(({ panel }) => panel.active)?.sessionId;
    },
    dispose: () => {
      events.dispose();
      for (const { panel } of [...all]) panel.dispose();
    },
  };
}
