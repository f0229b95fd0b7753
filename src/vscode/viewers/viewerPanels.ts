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

/** The panels of viewers, one per session. A panel without a viewer is reused for the same place. */
export interface ViewerPanels extends Disposable {
  /** @param route in Runicorn's page, relative to its URL. Default: stay, or open the start page. */
  show(session: ViewerSession, route?: string): void;
  /** Shows a panel immediately, with the progress and errors of `work`, then the viewer. Settles when done. */
  open(
    place: ViewerPlace,
    work: (progress: OpeningProgress) => Promise<ViewerSession>,
    route?: string,
  ): Promise<void>;
  /** Takes over a panel that VS Code restored. */
  restore(panel: vscode.WebviewPanel, state: unknown): Promise<void>;
  /** Reloads the page in the panel. */
  reload(sessionId: string): void;
  /** Whether a panel of this session is visible. */
  isVisible(sessionId: string): boolean;
  /** The session of the active panel. */
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
  const create = (title: string, preserveFocus = false): ViewerPanel => {
    const viewColumn = vscode.window.activeTextEditor ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active;
    const options = { enableScripts: true, retainContextWhenHidden: true };
    const place = { viewColumn, preserveFocus };
    return take(vscode.window.createWebviewPanel(viewerPanelType, title, place, options));
  };
  const of = (sessionId: string): ViewerPanel | undefined =>
    [...all].find((one) => one.sessionId === sessionId);
  /** Closes other panels that show an ended viewer of this place. */
  const closeFree = (place: ViewerPlace | undefined): void => {
    for (const one of place ? freeAt(all, place) : []) one.panel.dispose();
  };
  const begun = (made: ViewerPanel, place?: ViewerPlace): ViewerPanel => {
    made.begin(place);
    return made;
  };

  const events = app.viewers.onDidChange(() => {
    for (const one of all) one.update();
  });

  return {
    show: (session, route) => {
      const target = app.connections.get(session.connectionId)?.target;
      const place = target && { target, root: session.root };
      const shownBy = of(session.id);
      // A second click while the viewer is starting needs no second panel.
      const busy = shownBy ? undefined : place && busyAt(all, place);
      if (busy) return revealAt(busy, route);
      const present = shownBy ?? (place && freeAt(all, place)[0]);
      const shown = present ?? begun(create(sessionTitle(session)));
      shown.goTo(route);
      shown.show(session);
      if (present) present.panel.reveal();
      closeFree(place);
    },
    open: async (place, work, route) => {
      const busy = busyAt(all, place);
      if (busy) return revealAt(busy, route);
      const present = freeAt(all, place)[0];
      present?.panel.reveal();
      // Created without focus: a page takes the focus when loaded, and would steal key presses from a prompt.
      const shown = present ?? begun(create(placeTitle(place), true), place);
      shown.goTo(route);
      const session = await shown.open(place, work);
      if (!session) return;
      if (all.has(shown) && shown.panel.active) shown.panel.reveal();
      // Another panel may already show the running viewer.
      const other = [...all].find((one) => one !== shown && one.sessionId === session.id);
      if (other) {
        shown.panel.dispose();
        revealAt(other, route);
      }
      closeFree(shown.place);
    },
    restore: async (panel, state) => {
      const { title } = panel;
      const isFree = ({ id }: ViewerSession): boolean => !of(id);
      await take(panel).restore(
        readPageState(state),
        () => onlyOneTitled(title, app.viewers.sessions.filter(isFree))?.id,
      );
    },
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

/** Panels of a place without a viewer; the active one first. */
function freeAt(all: ReadonlySet<ViewerPanel>, place: ViewerPlace): ViewerPanel[] {
  return [...all]
    .filter((one) => one.isFree && one.place && isSamePlace(one.place, place))
    .sort((a, b) => Number(b.panel.active) - Number(a.panel.active));
}

/** The panel in which a viewer of this place is being opened. */
function busyAt(all: ReadonlySet<ViewerPanel>, place: ViewerPlace): ViewerPanel | undefined {
  return [...all].find((one) => one.isBusy && one.place && isSamePlace(one.place, place));
}

/** Reveals a panel, and navigates it to a route. */
function revealAt(shown: ViewerPanel, route: string | undefined): void {
  shown.goTo(route);
  shown.panel.reveal();
}

/** The session with this title, if neither the tab nor the session is ambiguous. */
function onlyOneTitled(title: string, sessions: readonly ViewerSession[]): ViewerSession | undefined {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  if (tabs.filter(({ label }) => label === title).length > 1) return undefined;
  const found = sessions.filter((one) => sessionTitle(one) === title);
  return found.length === 1 ? found[0] : undefined;
}
