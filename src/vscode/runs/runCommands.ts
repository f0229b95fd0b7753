import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { Cancelled } from "../../common/failure.js";
import type { Connection } from "../../ssh/model/connection.js";
import { jobOf } from "../../ssh/model/jobTarget.js";
import { thisMachine } from "../../ssh/model/thisMachine.js";
import type { Sync } from "../../sync/syncState.js";
import { runCommandIds } from "../kit/commandIds.js";
import { connect } from "../flows/connect.js";
import { pickTarget } from "../flows/pickTarget.js";
import { withProgress } from "../kit/progress.js";
import type { Handlers } from "../kit/registerLate.js";
import { confirm, listed } from "../selection/confirm.js";
import type { TreeNode } from "../sideBar/nodes.js";
import type { Ui } from "../kit/ui.js";
import { viewIds } from "../kit/viewIds.js";
import type { ChartPanels } from "../charts/chartPanels.js";
import type { RunOrder } from "./arrangeRuns.js";
import { dataOf, nothingSynced, runFrom, runsFrom } from "./chosenRuns.js";
import type { RunsTree } from "./runsTree.js";
import { syncStateText, syncTitle } from "../runKit/runWords.js";
import { fileOf } from "../runKit/fileOf.js";
import { runUri } from "../runKit/runUris.js";
import { isInPlace } from "./runItems.js";
import { openInPlace, showRunsHere } from "./runsHere.js";
import { resumeSync, syncRuns } from "./syncRuns.js";
import type { TailLogs } from "../runLogs/tailLogs.js";

/** Handlers of the commands for runs. */
export function runCommandHandlers(
  ui: Ui,
  tree: RunsTree,
  logs: () => Promise<TailLogs>,
  charts: () => Promise<ChartPanels>,
): Handlers<typeof runCommandIds> {
  return {
    [runCommandIds.syncRuns]: async (argument) => {
      await syncRuns(ui, await connectionFrom(ui, argument));
      if (!tree.visible) await vscode.commands.executeCommand(`${viewIds.runs}.focus`);
    },
    [runCommandIds.showRunsHere]: async () => {
      await showRunsHere(ui, await connectHere(ui));
      if (!tree.visible) await vscode.commands.executeCommand(`${viewIds.runs}.focus`);
    },
    [runCommandIds.resumeSync]: async (argument) => resumeSync(ui, await syncFrom(ui, argument)),
    [runCommandIds.changeSync]: async (argument) => resumeSync(ui, await syncFrom(ui, argument)),
    [runCommandIds.syncNow]: async (argument, selection) => {
      const { syncs } = await ui.app();
      for (const sync of await syncsFrom(ui, argument, selection)) {
        if (sync.state.kind === "stopped") await resumeSync(ui, sync);
        else await withProgress(l10n.t("Syncing {0}", syncTitle(sync)), () => syncs.syncNow(sync.id));
      }
    },
    [runCommandIds.stopSync]: async (argument, selection) => {
      const { syncs } = await ui.app();
      await Promise.all((await syncsFrom(ui, argument, selection)).map(({ id }) => syncs.stop(id)));
    },
    [runCommandIds.removeGone]: async (argument) => {
      const sync = await syncFrom(ui, argument);
      const { removeGone } = await import("./goneFiles.js");
      await removeGone(await ui.app(), sync);
    },
    [runCommandIds.forgetSync]: async (argument, selection) => {
      const all = await syncsFrom(ui, argument, selection);
      const copies = all.filter((one) => !isInPlace(one));
      if (copies.length > 0) await confirmForget(copies);
      await forgetAll(ui, all);
    },
    [runCommandIds.removeFromView]: async (argument, selection) =>
      // No question: the runs are not copies, and stay.
      forgetAll(ui, (await syncsFrom(ui, argument, selection)).filter(isInPlace)),
    [runCommandIds.filterRuns]: async () => {
      const { arrangement } = tree;
      const filter = await vscode.window.showInputBox({
        title: l10n.t("Filter Runs"),
        prompt: l10n.t("Words that the path, name, tags or status must hold. Empty shows every run."),
        value: arrangement.filter,
      });
      if (filter !== undefined) tree.arrangement = { ...arrangement, filter: filter.trim() };
    },
    [runCommandIds.clearFilter]: () => {
      tree.arrangement = { ...tree.arrangement, filter: "" };
      return Promise.resolve();
    },
    [runCommandIds.sortRuns]: async () => {
      const order = await pickOrder(tree.arrangement.order);
      tree.arrangement = { ...tree.arrangement, order };
    },
    [runCommandIds.showCharts]: async (argument, selection) => {
      const app = await ui.app();
      const runs = await runsFrom(app, argument, selection);
      await (await charts()).open(runs);
    },
    [runCommandIds.tailLog]: async (argument) => {
      const run = await runFrom(await ui.app(), argument);
      await (await logs()).show(run);
    },
    [runCommandIds.openRunFolder]: async (argument) => {
      const run = await runFrom(await ui.app(), argument);
      const uri = runUri(run.syncId, run.folder);
      await vscode.commands.executeCommand("vscode.openFolder", uri, { forceNewWindow: true });
    },
    [runCommandIds.openRunFile]: async (argument) => {
      const file = fileOf(argument ?? tree.selected);
      if (file) await vscode.commands.executeCommand("vscode.open", runUri(file.syncId, file.path));
    },
    [runCommandIds.openInPlace]: async (argument) => openInPlace(await ui.app(), placeFrom(argument)),
  };
}

/** The run's folder, or the file. @throws Cancelled for other items. */
function placeFrom(argument: unknown): { readonly syncId: string; readonly path: string } {
  const run = dataOf(argument, "run")?.run;
  const place = run ? { syncId: run.syncId, path: run.folder } : dataOf(argument, "runFile");
  if (!place) throw new Cancelled();
  return place;
}

async function connectHere(ui: Ui): Promise<Connection> {
  const { connections } = await ui.app();
  return (await connections.present({ target: thisMachine })) ?? connect(ui, thisMachine);
}

async function forgetAll(ui: Ui, all: readonly Sync[]): Promise<void> {
  const { syncs } = await ui.app();
  for (const { id } of all) await syncs.forget(id);
}

/** @throws Cancelled unless the user agrees. */
async function confirmForget(all: readonly Sync[]): Promise<void> {
  const titles = all.map(syncTitle);
  const unchanged = l10n.t("Nothing is changed on the host.");
  const question =
    all.length === 1
      ? l10n.t("Remove the copied runs of {0} from this machine?", titles[0] ?? "")
      : l10n.t("Remove {0} copies of runs from this machine?", all.length);
  const detail = all.length === 1 ? unchanged : `${listed(titles)}\n\n${unchanged}`;
  await confirm(question, l10n.t("Remove"), detail);
}

/** The connection of the item, or one to a picked host. */
async function connectionFrom(ui: Ui, argument: unknown): Promise<Connection> {
  const isNode = typeof argument === "object" && argument !== null && "data" in argument;
  const data = isNode ? (argument as TreeNode).data : undefined;
  if (data?.kind === "connection" && data.connection) return data.connection;
  const app = await ui.app();
  // Nodes of a cluster share files with the login node.
  const [only, ...others] = app.connections.all.filter(({ target }) => !jobOf(target));
  if (!data && only && others.length === 0) return only;
  const target = data?.kind === "connection" ? data.target : await pickTarget(app);
  return connect(ui, target);
}

async function syncFrom(ui: Ui, argument: unknown): Promise<Sync> {
  const data = dataOf(argument, "sync");
  if (data) return data.sync;
  const syncs = await (await ui.app()).syncs.list();
  const named = syncs.find(({ id }) => id === argument);
  if (named) return named;
  if (syncs.length === 0) return nothingSynced();
  const items = syncs.map((sync) => ({ label: syncTitle(sync), description: syncStateText(sync), sync }));
  const picked =
    items.length === 1
      ? items[0]
      : await vscode.window.showQuickPick(items, { title: l10n.t("Choose a storage root") });
  if (!picked) throw new Cancelled();
  return picked.sync;
}

/** The syncs of all selected items, or of the one that the command was invoked on. */
async function syncsFrom(ui: Ui, argument: unknown, selection: unknown): Promise<readonly Sync[]> {
  const nodes: readonly unknown[] = Array.isArray(selection) ? selection : [];
  const chosen = nodes.flatMap((node) => dataOf(node, "sync")?.sync ?? []);
  return chosen.length > 0 ? chosen : [await syncFrom(ui, argument)];
}

async function pickOrder(last: RunOrder): Promise<RunOrder> {
  const labels: Readonly<Record<RunOrder, string>> = {
    newest: l10n.t("Newest first"),
    name: l10n.t("By name"),
    best: l10n.t("By best metric"),
    status: l10n.t("By status"),
  };
  const items = (Object.keys(labels) as RunOrder[]).map((order) => ({
    label: `$(${order === last ? "check" : "blank"}) ${labels[order]}`,
    order,
  }));
  const picked = await vscode.window.showQuickPick(items, { title: l10n.t("Sort Runs") });
  if (!picked) throw new Cancelled();
  return picked.order;
}
