import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import type { Disposable } from "../../common/disposable.js";
import { type ViewerSession, sessionUrl } from "../../viewer/session.js";
import { commandIds } from "../commandIds.js";
import { sessionTitle } from "../sessionWords.js";
import type { Ui } from "../ui.js";
import { viewerPanelType } from "../viewIds.js";
import { panelHtml } from "./html.js";
import { type FromPage, type Page, readFromPage, readPageState, type ToPage } from "./page.js";
import { pageOf, type Reachability } from "./pageOf.js";

/** The panels that show viewers, one per session. */
export interface ViewerPanels extends Disposable {
  show(session: ViewerSession): void;
  /** Takes over a panel that VS Code restored. */
  restore(panel: vscode.WebviewPanel, state: unknown): Promise<void>;
  /** Loads the page in the panel anew. */
  reload(sessionId: string): void;
  /** The session whose panel has the focus. */
  readonly activeSessionId: string | undefined;
}

/** Milliseconds for the answer to a check before the page is shown. */
const checkLimit = 10_000;

interface Open {
  readonly panel: vscode.WebviewPanel;
  readonly post: (message: ToPage) => void;
  readonly update: () => Promise<void>;
}

export function createViewerPanels(ui: Ui, app: App): ViewerPanels {
  const open = new Map<string, Open>();

  const adopt = (panel: vscode.WebviewPanel, sessionId: string): void => {
    let last: ViewerSession | undefined;
    let shownOrigin: string | undefined;
    let ready = false;
    let shown: Page | undefined;
    let turn = 0;
    const post = (message: ToPage): void => void panel.webview.postMessage(message);
    const show = (page: Page): void => {
      shown = page;
      if (ready) post({ kind: "show", page, sessionId });
    };
    const render = (viewerOrigin: string | undefined): void => {
      ready = false;
      shownOrigin = viewerOrigin;
      panel.webview.html = panelHtml({
        cspSource: panel.webview.cspSource,
        scriptUri: panel.webview.asWebviewUri(scriptUri).toString(),
        nonce: randomBytes(16).toString("hex"),
        viewerOrigin,
        language: vscode.env.language,
      });
    };
    const update = async (): Promise<void> => {
      const mine = (turn += 1);
      const session =
        app.viewers.get(sessionId) ?? (last && { ...last, state: { kind: "stopped" as const } });
      last = session;
      if (session) panel.title = sessionTitle(session);
      // Other sessions' news must not take away a page that somebody reads.
      if (session?.state.kind === "running" && shown?.kind === "viewer") return;
      // What lies under a notice goes on when the way is open again: it must not be replaced meanwhile.
      const isBack = shown?.kind === "reconnecting" && session?.state.kind === "running";
      if (!isBack) show(pageOf(session, { kind: "checking" }));
      if (session?.state.kind !== "running") return;
      const reachability = await reach(session);
      if (mine !== turn) return;
      const page = pageOf(session, reachability);
      if (page.kind === "viewer" && new URL(page.url).origin !== shownOrigin) {
        // The policy names the frame's origin, so it needs a document of its own; that asks for its page again.
        shown = page;
        render(new URL(page.url).origin);
      } else show(page);
    };
    const onMessage = (message: FromPage): void => {
      if (message.kind === "ready") {
        ready = true;
        if (shown) post({ kind: "show", page: shown, sessionId });
        else void update();
        return;
      }
      switch (message.button) {
        case "retry":
          void update();
          return;
        case "reconnect":
          app.viewers.reconnect(sessionId);
          return;
        case "restart":
          void vscode.commands.executeCommand(commandIds.restartViewer, sessionId);
          return;
        case "close":
          panel.dispose();
          return;
        case "connect":
          void vscode.commands.executeCommand(commandIds.connect);
          return;
        case "open-in-browser":
          void vscode.commands.executeCommand(commandIds.openInBrowser, sessionId);
          return;
        case "show-log":
          void vscode.commands.executeCommand(commandIds.showViewerLog, sessionId);
      }
    };
    const scriptUri = vscode.Uri.joinPath(ui.extensionUri, "dist", "webview.js");
    panel.iconPath = vscode.Uri.joinPath(ui.extensionUri, "media", "icon.png");
    panel.webview.options = {
      enableScripts: true,
      localResourceRoots: [vscode.Uri.joinPath(ui.extensionUri, "dist")],
    };
    panel.webview.onDidReceiveMessage((received: unknown) => {
      const message = readFromPage(received);
      if (message) onMessage(message);
    });
    panel.onDidDispose(() => {
      if (open.get(sessionId)?.panel === panel) open.delete(sessionId);
    });
    open.set(sessionId, { panel, post, update });
    render(undefined);
  };

  const events = app.viewers.onDidChange(() => {
    for (const { update } of open.values()) void update();
  });

  return {
    show: (session) => {
      const present = open.get(session.id);
      if (present) {
        present.panel.reveal();
        return;
      }
      const column = vscode.window.activeTextEditor ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active;
      const panel = vscode.window.createWebviewPanel(viewerPanelType, sessionTitle(session), column, {
        enableScripts: true,
        retainContextWhenHidden: true,
      });
      adopt(panel, session.id);
    },
    restore: async (panel, state) => {
      const sessionId = readPageState(state)?.sessionId ?? "ended";
      // The page says that it waits while the session is looked for.
      await app.viewers.restore([sessionId]);
      adopt(panel, sessionId);
    },
    reload: (sessionId) => open.get(sessionId)?.post({ kind: "reload" }),
    get activeSessionId() {
      return [...open].find(([, { panel }]) => panel.active)?.[0];
    },
    dispose: () => {
      events.dispose();
      for (const { panel } of [...open.values()]) panel.dispose();
    },
  };
}

/** Asks before anything is shown, so that nobody looks at an empty frame. */
async function reach(session: ViewerSession): Promise<Reachability> {
  const url = sessionUrl(session);
  if (url === undefined) return { kind: "checking" };
  try {
    const local = new URL("/api/health", url);
    local.hostname = "127.0.0.1";
    const answer = await fetch(local, { signal: AbortSignal.timeout(checkLimit) });
    if (!answer.ok) return { kind: "does-not-answer" };
  } catch {
    return { kind: "does-not-answer" };
  }
  // Asked anew each time: a window on another machine forwards the port, and may choose another one.
  const external = await vscode.env.asExternalUri(vscode.Uri.parse(url));
  const isRoot = external.path === "" || external.path === "/";
  return isRoot ? { kind: "answers", url: external.toString(true) } : { kind: "needs-own-origin" };
}
