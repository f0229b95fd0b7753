import { homedir } from "node:os";
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "./app.js";
import { madeOnce } from "./common/async/madeOnce.js";
import { readableLogger } from "./common/logger.js";
import { createLocalApi } from "./vscode/api/localApi.js";
import { registerApi } from "./vscode/api/registerApi.js";
import { createLateViewers, type LateViewers } from "./vscode/lateViewers.js";
import { arrangeCommandIds, commandIds } from "./vscode/kit/commandIds.js";
import { registerConnections } from "./vscode/connections/registerConnections.js";
import { registerDiagnosis } from "./vscode/diagnosis/registerDiagnosis.js";
import { registerGlance } from "./vscode/glance/registerGlance.js";
import { registerLinks } from "./vscode/links/registerLinks.js";
import {
  createLateWatch,
  type LateWatch,
  registerNotices,
  startTelling,
} from "./vscode/notices/registerNotices.js";
import { restoreViewers } from "./vscode/viewers/restoreViewers.js";
import { showLogChannel } from "./vscode/viewers/showLogChannel.js";
import { registerLate } from "./vscode/kit/registerLate.js";
import { followJobs, registerJobs } from "./vscode/jobs/registerJobs.js";
import { registerRelay } from "./vscode/relay/registerRelay.js";
import { registerRunPages } from "./vscode/runPage/registerRunPages.js";
import { registerRuns } from "./vscode/runs/registerRuns.js";
import type { RunsTree } from "./vscode/runs/runsTree.js";
import { registerRunTable } from "./vscode/runTable/registerRunTable.js";
import { registerConnectionsTree } from "./vscode/sideBar/trees.js";
import { passwordsIn } from "./vscode/kit/secrets.js";
import { registerWriteBack } from "./vscode/writeBack/registerWriteBack.js";
import type { Log, Ui } from "./vscode/kit/ui.js";
import {
  graceMinutes,
  mayListenOnPort,
  mayRepeatProxyCommand,
  onDemandLimit,
  sshConfigFile,
  tunnelBackends,
  watchSettings,
} from "./vscode/kit/settings.js";
import { tellStoredFacts } from "./vscode/storedFacts.js";
import { viewerPanelType } from "./vscode/kit/viewIds.js";

/** Milliseconds for `deactivate`, a little less than VS Code allows. */
const shutdownLimit = 4_000;

/** Minimum grace time in seconds: enough for a busy host and a reopened tunnel. */
const shortestGrace = 30;

let app: Promise<App> | undefined;

const loadParts = () =>
  Promise.all([
    import("./app.js"),
    import("./messages/viewerWords.js"),
    import("./vscode/flows/reconnectInteraction.js"),
    import("./vscode/statusBar.js"),
    import("./vscode/contextKeys.js"),
    import("./vscode/runs/goneFiles.js"),
  ]);

/** Registers the user interface. The core and ssh2 are loaded when something first needs them. */
export function activate(context: vscode.ExtensionContext): void {
  if (vscode.l10n.bundle) l10n.config({ contents: vscode.l10n.bundle });
  // Not in `subscriptions`: those are disposed while `deactivate` still runs, and writing to a disposed log throws.
  const channel = vscode.window.createOutputChannel("Runicorn Remote", { log: true });
  const log: Log = { ...readableLogger(channel), show: () => void showLogChannel(channel) };

  const handOver = tellStoredFacts(context);
  const build = async (): Promise<App> => {
    const [
      { createApp },
      { movedPort },
      { reconnectInteraction },
      { createStatusBar },
      { createContextKeys },
      { tellGone },
    ] = await loadParts();
    const built = await createApp({
      dataFolder: context.globalStorageUri.fsPath,
      home: homedir(),
      environment: process.env,
      logger: log,
      onDemandLimit,
      graceSeconds: () => Math.max(shortestGrace, graceMinutes() * 60),
      reconnectInteraction: (attended) => reconnectInteraction(passwordsIn(context.secrets), attended),
      tunnelBackends,
      sshConfigFile,
      mayRepeatProxyCommand,
      mayListenOnPort,
      followsOthers: true,
      onMoved: (before, now) => void vscode.window.showInformationMessage(movedPort(before, now)),
    });
    await handOver();
    context.subscriptions.push(createStatusBar(built, api), createContextKeys(built), tellGone(built));
    setImmediate(readAhead);
    void startTelling(built, watch, runs, context.subscriptions);
    void followJobs(built, context, log);
    return built;
  };
  const openApp = openOnce(build, () => refresh());
  // Preload the modules of the first click. A load error is reported by the click that needs the module.
  const readAhead = (): void =>
    void Promise.all([late.panels(), loadCommands(), import("./vscode/kit/reportFailure.js")]).catch(
      () => undefined,
    );
  const api = createLocalApi({
    app: openApp,
    log,
    secrets: context.secrets,
    version: (context.extension.packageJSON as { version: string }).version,
    dataFolder: context.globalStorageUri.fsPath,
    showViewer: (session) => void late.panels().then((made) => made.show(session)),
  });
  const ui: Ui = { app: openApp, log, api, secrets: context.secrets, extensionUri: context.extensionUri };
  const late = createLateViewers(ui, context.subscriptions);
  const loadCommands = () => import("./vscode/commands.js");
  const tree = registerConnectionsTree(ui.app);
  const watch = createLateWatch(ui, context.subscriptions);
  const runs = registerRuns(ui, watch, context);
  const relay = registerRelay(ui);
  const refresh = (): void => [tree, runs, relay].forEach((view) => view.refresh());

  context.subscriptions.push(
    registerLinks(ui, async (place, work, route) => (await late.panels()).open(place, work, route)),
    ...viewsOfRuns(ui, context, runs, watch, late),
    registerDiagnosis(ui),
    registerGlance(ui, late.panels),
    ...[registerConnections(ui), registerJobs(ui, late.panels)],
    tree,
    api,
    relay,
    registerApi(ui),
    watchSettings(),
    registerLate(ui, commandIds, async () =>
      (await loadCommands()).commandHandlers(ui, late, { tree, refresh }),
    ),
    registerLate(ui, arrangeCommandIds, async () =>
      (await import("./vscode/selection/arrange.js")).arrangeHandlers(ui),
    ),
    vscode.window.registerWebviewPanelSerializer(viewerPanelType, {
      deserializeWebviewPanel: async (panel, state: unknown) => (await late.panels()).restore(panel, state),
    }),
  );
  void restoreViewers(ui, context.globalStorageUri.fsPath);
}

/** Builds the app on first use. @param refresh loads the views anew that show the failure of an earlier try. */
function openOnce(build: () => Promise<App>, refresh: () => void): () => Promise<App> {
  let isTried = false;
  return madeOnce(async () => {
    const isTriedAgain = isTried;
    isTried = true;
    app = build();
    const built = await app;
    if (isTriedAgain) setImmediate(refresh);
    return built;
  });
}

/** Registers the run page, run table, notifications and run edits. */
function viewsOfRuns(
  ui: Ui,
  context: vscode.ExtensionContext,
  runs: RunsTree,
  watch: LateWatch,
  { panels }: LateViewers,
): vscode.Disposable[] {
  return [
    registerRunPages(ui, runs, panels),
    registerNotices(ui, watch),
    registerWriteBack(ui),
    registerRunTable(ui, context),
  ];
}

/** Closes the app, within the time that VS Code allows. */
export async function deactivate(): Promise<void> {
  const ended = app
    ?.then((built) => built.close(graceMinutes() === 0 ? "stop" : "leave"))
    .catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, shutdownLimit)));
  await Promise.race([ended, limit]);
  clearTimeout(timer);
}
