import * as vscode from "vscode";
import type { Disposable } from "../../common/async/disposable.js";
import type { Glance, Glances } from "../../glance/glances.js";
import { onSettingsChange, setting } from "../kit/settings.js";
import { isNews } from "./glanceNews.js";

/** What the items of hosts say of how busy those are. */
export interface RowGlances extends Disposable {
  of(connectionId: string): Glance | undefined;
}

/** Seconds between two questions for a row, at least. */
const shortestInterval = 5;

/**
 * Has hosts asked while their items can be seen in a window that has the focus.
 * @param onNews is called where an item would say something else: one that is drawn anew loses its menu and its tooltip.
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
