import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import type { Disposable } from "../../common/async/disposable.js";
import type { Training } from "../../glance/trainings.js";
import { savedIdOf } from "../../savedConnectionId.js";
import type { Run } from "../../sync/runIndex/runs.js";
import { hostsOf } from "../connections/hosts.js";
import { openViewerAt } from "../flows/openLastViewer.js";
import { runCommandIds } from "../kit/commandIds.js";
import { reporting } from "../kit/reportFailure.js";
import { setting } from "../kit/settings.js";
import type { Ui } from "../kit/ui.js";
import { glancePanelType } from "../kit/viewIds.js";
import { createPages, type Page } from "../page/pages.js";
import { viewerAt } from "../viewers/viewerAt.js";
import type { ViewerPanels } from "../viewers/viewerPanels.js";
import { type FromGlancePage, readFromGlancePage } from "./fromGlancePage.js";
import { glancePage } from "./glancePage.js";
import type { ToGlancePage } from "./toGlancePage.js";

/** The tab of all hosts; there is at most one. */
export interface GlancePanel {
  show(): void;
  /** Takes over a tab that VS Code restored. */
  restore(panel: vscode.WebviewPanel): void;
}

export function createGlancePanel(ui: Ui, app: App, viewers: () => Promise<ViewerPanels>): GlancePanel {
  const pages = createPages<undefined, FromGlancePage, ToGlancePage>(ui, {
    viewType: glancePanelType,
    name: "glance",
    titleOf: () => l10n.t("Hosts at a Glance"),
    keyOf: () => "",
    readMessage: readFromGlancePage,
    drive: (page) => drive(page, app, (message) => reporting(ui, () => act(ui, app, viewers, message))),
  });
  return { show: () => pages.open(undefined), restore: (panel) => pages.adopt(panel, undefined) };
}

type Pressed = Extract<FromGlancePage, { kind: "pressed" }>;

/** Updates the page, and polls the hosts while it is visible. */
function drive(
  page: Page<FromGlancePage, ToGlancePage>,
  app: App,
  onPressed: (message: Pressed) => Promise<unknown>,
): Disposable {
  const { glances, connections, savedConnections, viewers } = app;
  let isReady = false;
  let watching: Disposable | undefined;
  const post = async (): Promise<void> => {
    if (isReady && page.isVisible) page.post({ kind: "show", page: await pageOf(app) });
  };
  const follow = (): void => {
    if (page.isVisible) watching ??= glances.watch(() => setting("glance.pageSeconds"));
    else {
      watching?.dispose();
      watching = undefined;
    }
    void post();
  };
  const events = [glances, connections, savedConnections, viewers].map((service) =>
    service.onDidChange(() => void post()),
  );
  page.onDidChangeVisibility(follow);
  page.onMessage((message) => {
    if (message.kind === "pressed") return void onPressed(message);
    isReady = true;
    follow();
  });
  return {
    dispose: () => {
      isReady = false;
      watching?.dispose();
      for (const event of events) event.dispose();
    },
  };
}

async function pageOf(app: App) {
  const hosts = hostsOf(app, await app.savedConnections.list());
  const seen = hosts.flatMap(({ connection }) => (connection && app.glances.of(connection.id)) ?? []);
  const syncIds = new Set(seen.flatMap(({ trainings }) => trainings.map(({ run }) => run.syncId)));
  const runs = new Map<string, Run>();
  for (const syncId of syncIds)
    for (const run of await app.syncs.runs(syncId)) runs.set(JSON.stringify([syncId, run.folder]), run);
  const runOf = ({ run }: Training): Run | undefined => runs.get(JSON.stringify([run.syncId, run.folder]));
  return glancePage(hosts, (id) => app.glances.of(id), runOf);
}

/** Shows the charts of a run, or the viewer of its root. */
async function act(
  ui: Ui,
  app: App,
  viewers: () => Promise<ViewerPanels>,
  { action, syncId, folder }: Pressed,
): Promise<void> {
  if (action === "charts") {
    const run = (await app.syncs.runs(syncId)).find((one) => one.folder === folder);
    if (run) await vscode.commands.executeCommand(runCommandIds.showCharts, { data: { kind: "run", run } });
    return;
  }
  const sync = await app.syncs.get(syncId);
  if (!sync) return;
  const { target, root } = sync;
  const python = (await app.savedConnections.get(savedIdOf(target)))?.python;
  const place = { target, root, ...(python !== undefined && { python }) };
  const present = viewerAt(app.viewers, place);
  const panels = await viewers();
  if (present && present.state.kind !== "failed") panels.show(present);
  else await panels.open(place, (progress) => openViewerAt(ui, place, { progress }));
}
