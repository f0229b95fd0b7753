import * as vscode from "vscode";
import type { Disposable } from "../../common/async/disposable.js";
import type { Glance, Glances } from "../../glance/glances.js";
import { onSettingsChange, setting } from "../kit/settings.js";
import { isNews } from "./glanceNews.js";

/** The glances shown in the items of hosts. */
export interface RowGlances extends Disposable {
  of(connectionId: string): Glance | undefined;
}

/** Minimum seconds between two queries for a row. */
const shortestInterval = 5;

/**
 * Polls hosts while their items are visible and the window is focused.
 * @param onNews called only if an item must change: a refreshed item loses its open menu and tooltip.
 */
export function followRowGlances(
  glances: Glances,
  view: Pick<vscode.TreeView<unknown>, "visible" | "onDidChangeVisibility">,
  onNews: () => void,
): RowGlances {
  const drawn = new Map<string, Glance>();
  let watching: Disposable | undefined;
  const follow = (): void => {
    const isSeen = view.visible && vscode.window.state.focused && setting("glance.rowSeconds") > 0;
    if (isSeen) watching ??= glances.watch(() => Math.max(shortestInterval, setting("glance.rowSeconds")));
    else {
      watching?.dispose();
      watching = undefined;
    }
  };
  const events = [
    glances.onDidChange((id) => {
      const now = glances.of(id);
      if (!isNews(drawn.get(id), now)) return;
      if (now) drawn.set(id, now);
      else drawn.delete(id);
      onNews();
    }),
    view.onDidChangeVisibility(follow),
    vscode.window.onDidChangeWindowState(follow),
    onSettingsChange("glance", follow),
  ];
  follow();
  return {
    of: (id) => drawn.get(id),
    dispose: () => {
      watching?.dispose();
      for (const event of events) event.dispose();
    },
  };
}
