import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import type { Disposable } from "../../common/async/disposable.js";
import type { RunWatch } from "../../runs/watch/runWatch.js";
import type { Run } from "../../sync/runIndex/runs.js";
import { registerTree } from "../kit/treeView.js";
import { loadedContextKey, stateContextKeys, viewIds } from "../kit/viewIds.js";
import { type Arrangement, readArrangement } from "./arrangeRuns.js";
import { createPins } from "./pins.js";
import type { RunMarks, RunNode } from "./runNodes.js";

/** The view of runs on this machine: root, path, run, files. */
export interface RunsTree extends Disposable {
  arrangement: Arrangement;
  readonly visible: boolean;
  /** The selected item. */
  readonly selected: RunNode | undefined;
  pin(runs: readonly Run[], isPinned: boolean): Promise<void>;
  /** The badge of the view. */
  badge: vscode.ViewBadge | undefined;
  refresh(): void;
}

/** Milliseconds to debounce changes: a mirror changes many times a second. */
const calm = 250;
/** Milliseconds after which ages are updated. */
const ageing = 60_000;

/** Key of the filter and order in the workspace storage. */
const arrangementKey = "runs.arrangement";

/**
 * @param watch knows the rules for notices.
 * @param kept storage of the workspace, for filter, order and pins.
 */
export function registerRunsTree(
  app: () => Promise<App>,
  watch: () => Promise<RunWatch>,
  kept: vscode.Memento,
): RunsTree {
  const changed = new vscode.EventEmitter<void>();
  let arrangement = readArrangement(kept.get(arrangementKey));
  let timer: NodeJS.Timeout | undefined;
  let listening: Disposable[] | undefined;
  const refreshSoon = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      changed.fire();
    }, calm);
  };
  const pins = createPins(kept, () => changed.fire());
  const ages = setInterval(() => {
    if (view.visible) changed.fire();
  }, ageing);

  const load = async (): Promise<RunNode[]> => {
    const [ready, watching, { syncNode }] = await Promise.all([app(), watch(), import("./runNodes.js")]);
    const { syncs } = ready;
    const all = await syncs.list();
    if (!listening) {
      listening = [syncs.onDidChange(refreshSoon), watching.onDidChange(refreshSoon)];
      const { followWanted } = await import("./runsHere.js");
      await followWanted(ready, all);
    }
    const rules: RunMarks["rules"] = async (id) => (await watching.of(id)).rules;
    const nodes = await Promise.all(all.map((sync) => syncNode(syncs, sync, arrangement, { pins, rules })));
    void vscode.commands.executeCommand("setContext", loadedContextKey, true);
    return nodes;
  };
  const view = registerTree(viewIds.runs, load, changed.event, {
    canSelectMany: true,
    showCollapseAll: true,
  });

  const tellFilter = ({ filter }: Arrangement): void => {
    void vscode.commands.executeCommand("setContext", stateContextKeys.isFiltered, filter !== "");
    view.description = filter === "" ? "" : l10n.t("filter: {0}", filter);
  };
  tellFilter(arrangement);

  return {
    get arrangement() {
      return arrangement;
    },
    set arrangement(wanted) {
      arrangement = wanted;
      void kept.update(arrangementKey, wanted);
      tellFilter(wanted);
      changed.fire();
    },
    get visible() {
      return view.visible;
    },
    get selected() {
      return view.selection[0];
    },
    pin: async (runs, isPinned) => pins.set(runs, isPinned, await allBeside(runs, await app())),
    get badge() {
      return view.badge;
    },
    set badge(badge) {
      view.badge = badge;
    },
    refresh: () => changed.fire(),
    dispose: () => {
      clearInterval(ages);
      clearTimeout(timer);
      listening?.forEach((one) => one.dispose());
      view.dispose();
      changed.dispose();
    },
  };
}

/** All runs of the roots of these. */
async function allBeside(runs: readonly Run[], { syncs }: App): Promise<readonly Run[]> {
  const ids = [...new Set(runs.map(({ syncId }) => syncId))];
  const lists = ids.flatMap((id) => [syncs.runs(id), syncs.deletedRuns(id), syncs.keptRuns(id)]);
  return (await Promise.all(lists)).flat();
}
