import { posix } from "node:path";
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import { Cancelled } from "../../common/failure.js";
import { displayText } from "../../common/text/displayText.js";
import { childrenOf } from "../../sync/manifest/manifest.js";
import type { Entries } from "../../sync/manifest/entryTable.js";
import type { Run } from "../../sync/runIndex/runs.js";
import { openViewerAt } from "../flows/openLastViewer.js";
import { runPageCommandIds } from "../kit/commandIds.js";
import type { Handlers } from "../kit/registerLate.js";
import type { Ui } from "../kit/ui.js";
import { runLink } from "../links/viewerLink.js";
import { runLabel } from "../runKit/runWords.js";
import { runUri } from "../runKit/runUris.js";
import { bestFirst } from "../runs/arrangeRuns.js";
import { dataOf, runFrom, runsFrom } from "../runs/chosenRuns.js";
import { confirm, listed } from "../selection/confirm.js";
import type { RunsTree } from "../runs/runsTree.js";
import { viewerAt } from "../viewers/viewerAt.js";
import type { ViewerPanels } from "../viewers/viewerPanels.js";
import { downloadFile } from "./downloadFile.js";
import { type FileOfRoot, fileOf } from "../runKit/fileOf.js";
import type { RunPages } from "./runPages.js";

/** What the commands need besides the app. */
export interface RunPageParts {
  readonly tree: RunsTree;
  readonly pages: () => Promise<RunPages>;
  readonly compare: (runs: readonly Run[]) => Promise<void>;
  readonly viewerPanels: () => Promise<ViewerPanels>;
}

/** Maximum number of tabs to open without asking. */
const handful = 5;
/** Maximum number of files in the quick pick. */
const mostListed = 5_000;
/** Number of runs in a comparison of the best. */
const fewBest = 3;
/** Maximum number of runs in a comparison. */
const mostCompared = 50;

/** Handlers of the commands for single runs. */
export function runPageCommandHandlers(
  ui: Ui,
  { tree, pages, compare, viewerPanels }: RunPageParts,
): Handlers<typeof runPageCommandIds> {
  return {
    [runPageCommandIds.openRun]: async (argument, selection) => {
      const several = severalIn(selection);
      // An item's command is invoked without the item, which is the selected one.
      const selected = argument === undefined && tree.visible ? tree.selected : argument;
      const runs = several ?? [await runFrom(await ui.app(), selected)];
      if (runs.length > handful)
        await confirm(l10n.t("Open {0} tabs?", runs.length), l10n.t("Open Them"), listed(runs.map(runLabel)));
      for (const run of runs) await (await pages()).open(run);
    },
    [runPageCommandIds.compareRuns]: async (argument, selection) => {
      const runs = await runsFrom(await ui.app(), argument, selection);
      if (runs.length < 2) return tell(l10n.t("Choose two or more runs to compare."));
      if (runs.length > mostCompared)
        return tell(l10n.t("{0} runs were chosen; at most {1} are compared.", runs.length, mostCompared));
      await compare(runs);
    },
    [runPageCommandIds.compareBestRuns]: async (argument) => {
      const runs = bestFirst(await runsFrom(await ui.app(), argument, undefined)).slice(0, fewBest);
      if (runs.length < 2)
        return tell(
          l10n.t("Too few of these runs say which metric is theirs, and which values of it are good."),
        );
      await compare(runs);
    },
    [runPageCommandIds.openRunInViewer]: async (argument, selection) => {
      if (severalIn(selection)) return tell(l10n.t("The viewer shows one run at a time. Choose one."));
      await openInViewer(ui, await viewerPanels(), await runFrom(await ui.app(), argument));
    },
    [runPageCommandIds.copyRunId]: async (argument) =>
      vscode.env.clipboard.writeText((await runFrom(await ui.app(), argument)).id),
    [runPageCommandIds.copyRunPath]: async (argument) => {
      const app = await ui.app();
      const file = fileOf(argument) ?? folderOf(await runFrom(app, argument));
      await vscode.env.clipboard.writeText(await pathOnHost(app, file));
    },
    [runPageCommandIds.copyRunLink]: async (argument) => {
      const app = await ui.app();
      const run = await runFrom(app, argument);
      const sync = await syncOf(app, run.syncId);
      await vscode.env.clipboard.writeText(runLink(sync, run, vscode.env.uriScheme));
    },
    [runPageCommandIds.downloadRunFile]: async (argument) => {
      const app = await ui.app();
      await downloadFile(app, fileOf(argument) ?? (await pickFile(app)));
    },
    [runPageCommandIds.openRunFileToSide]: async (argument) => {
      const { syncId, path } = fileOf(argument) ?? (await pickFile(await ui.app()));
      await vscode.commands.executeCommand("vscode.open", runUri(syncId, path), vscode.ViewColumn.Beside);
    },
  };
}

/** The runs, if several items are selected. */
function severalIn(selection: unknown): readonly Run[] | undefined {
  if (!Array.isArray(selection)) return undefined;
  const runs = selection.flatMap((item) => dataOf(item, "run")?.run ?? []);
  return runs.length > 1 ? runs : undefined;
}

/** Opens Runicorn's page of a run in the viewer of its root, which is started if necessary. */
async function openInViewer(ui: Ui, panels: ViewerPanels, run: Run): Promise<void> {
  const app = await ui.app();
  const { target, root } = await syncOf(app, run.syncId);
  const place = { target, root };
  const route = `runs/${encodeURIComponent(run.id)}`;
  const present = viewerAt(app.viewers, place);
  if (present && present.state.kind !== "failed") {
    if (present.state.kind === "reconnecting") app.viewers.reconnect(present.id);
    panels.show(present, route);
  } else await panels.open(place, (progress) => openViewerAt(ui, place, { progress }), route);
}

async function syncOf({ syncs }: App, id: string) {
  const sync = await syncs.get(id);
  if (sync) return sync;
  tell(l10n.t("This run is no longer on this machine."));
  throw new Cancelled();
}

function folderOf({ syncId, folder }: Run): FileOfRoot {
  return { syncId, path: folder };
}

async function pathOnHost(app: App, { syncId, path }: FileOfRoot): Promise<string> {
  return posix.join((await syncOf(app, syncId)).root, path);
}

/** Lets the user pick a run and one of its files. @throws Cancelled */
async function pickFile(app: App): Promise<FileOfRoot> {
  const run = await runFrom(app, undefined);
  const { syncId, folder } = run;
  const entries = await app.syncs.entries(syncId);
  const items = filesBelow(entries, folder).map((path) => ({
    label: displayText(posix.relative(folder, path)),
    path,
  }));
  const picked = await vscode.window.showQuickPick(items, { title: l10n.t("Choose a file of the run") });
  if (!picked) throw new Cancelled();
  return { syncId, path: picked.path };
}

/** The paths of the files below a folder, up to the maximum. */
function filesBelow(entries: Entries, folder: string): readonly string[] {
  const [files, folders]: [string[], string[]] = [[], [folder]];
  for (let next = folders.pop(); next !== undefined && files.length < mostListed; next = folders.pop()) {
    for (const { path, kind } of childrenOf(entries, next) ?? [])
      (kind === "folder" ? folders : files).push(path);
  }
  return files.sort();
}

function tell(text: string): void {
  void vscode.window.showInformationMessage(text);
}
