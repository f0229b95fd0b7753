import * as vscode from "vscode";
import type { Disposable } from "../../common/async/disposable.js";
import type { Ui } from "../kit/ui.js";
import { dressPanel, panelOptions } from "./dressPanel.js";

/** A page, for the code that drives it. */
export interface Page<Received, Sent> {
  /** Ignored once the tab is closed. */
  post(message: Sent): void;
  /** Sets the only listener for the page's messages. */
  onMessage(hear: (message: Received) => void): void;
  /** Whether the tab is visible. */
  readonly isVisible: boolean;
  /** Whether it is the active tab. */
  readonly isActive: boolean;
  /** The tab was shown or hidden. */
  onDidChangeVisibility(hear: () => void): void;
  setTitle(title: string): void;
}

/** A kind of tab. @typeParam Shown its subject. */
export interface PageKind<Shown, Received, Sent> {
  /** The view type in package.json, and in VS Code's window state. */
  readonly viewType: string;
  /** Names `dist/<name>.js`, `dist/<name>.css` and `media/tabs/<name>.svg`. */
  readonly name: string;
  /** Whether images with `data:` URLs are allowed. Default: false. */
  readonly holdsPictures?: boolean;
  titleOf(shown: Shown): string;
  /** One tab per key. */
  keyOf(shown: Shown): string;
  /** Validates a message from the page; undefined if invalid. */
  readMessage(message: unknown): Received | undefined;
  /** Called before the page is loaded; the result is disposed with its tab. */
  drive(page: Page<Received, Sent>, shown: Shown): Disposable;
}

/** The open tabs of one kind. */
export interface Pages<Shown> {
  /** Shows the tab of this subject, or opens one. */
  open(shown: Shown, column?: vscode.ViewColumn): void;
  /** Takes over a panel that VS Code restored; closes it if there is a tab of the same subject. */
  adopt(panel: vscode.WebviewPanel, shown: Shown): void;
}

/** Maximum characters of a tab's title, which may be foreign text. */
const longestTitle = 60;

export function createPages<Shown, Received, Sent>(
  ui: Pick<Ui, "extensionUri">,
  kind: PageKind<Shown, Received, Sent>,
): Pages<Shown> {
  const open = new Map<string, vscode.WebviewPanel>();

  const fill = (panel: vscode.WebviewPanel, shown: Shown): void => {
    const key = kind.keyOf(shown);
    open.set(key, panel);
    const { page, close } = pageOf(panel, kind);
    const driving = kind.drive(page, shown);
    panel.onDidDispose(() => {
      close();
      driving.dispose();
      if (open.get(key) === panel) open.delete(key);
    });
    panel.title = shortTitle(kind.titleOf(shown));
    dressPanel(ui, panel, kind.name, kind.holdsPictures);
  };

  return {
    open: (shown, column = vscode.ViewColumn.Active) => {
      const present = open.get(kind.keyOf(shown));
      if (present) return present.reveal();
      const panel = vscode.window.createWebviewPanel(kind.viewType, "", column, {
        ...panelOptions(ui),
        retainContextWhenHidden: true,
      });
      fill(panel, shown);
    },
    adopt: (panel, shown) => {
      if (open.has(kind.keyOf(shown))) panel.dispose();
      else fill(panel, shown);
    },
  };
}

function pageOf<Received, Sent>(
  panel: vscode.WebviewPanel,
  { readMessage }: Pick<PageKind<never, Received, Sent>, "readMessage">,
): { readonly page: Page<Received, Sent>; readonly close: () => void } {
  let isOpen = true;
  let hear: ((message: Received) => void) | undefined;
  panel.webview.onDidReceiveMessage((received: unknown) => {
    const message = readMessage(received);
    if (message !== undefined) hear?.(message);
  });
  const page: Page<Received, Sent> = {
    post: (message) => {
      if (isOpen) void panel.webview.postMessage(message);
    },
    onMessage: (listener) => (hear = listener),
    get isVisible() {
      return isOpen && panel.visible;
    },
    get isActive() {
      return isOpen && panel.active;
    },
    onDidChangeVisibility: (listener) => void panel.onDidChangeViewState(listener),
    setTitle: (title) => {
      if (isOpen) panel.title = shortTitle(title);
    },
  };
  return { page, close: () => (isOpen = false) };
}

function shortTitle(title: string): string {
  return title.length > longestTitle ? `${title.slice(0, longestTitle)}…` : title;
}
