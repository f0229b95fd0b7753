import { homedir } from "node:os";
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "./app.js";
import { createLocalApi } from "./vscode/api/localApi.js";
import { registerApi } from "./vscode/api/registerApi.js";
import { commandIds } from "./vscode/commandIds.js";
import type { ViewerPanels } from "./vscode/panel/viewerPanels.js";
import { restoreViewers } from "./vscode/restoreViewers.js";
import { registerLate } from "./vscode/registerLate.js";
import { registerRelay } from "./vscode/relay/registerRelay.js";
import { registerRuns } from "./vscode/runs/registerRuns.js";
import { registerTrees } from "./vscode/trees/trees.js";
import { passwordsIn } from "./vscode/secrets.js";
import type { Ui } from "./vscode/ui.js";
import { tunnelBackends } from "./vscode/settings.js";
import type { ViewerLogs } from "./vscode/viewerLogs.js";
import { viewerPanelType } from "./vscode/viewIds.js";

/** Milliseconds that VS Code leaves us when it shuts down, with some to spare. */
const shutdownLimit = 4_000;

/** Seconds of grace at least: a busy host and a tunnel that is opened anew take their time. */
const shortestGrace = 30;

let app: Promise<App> | undefined;

function graceMinutes(): number {
  return vscode.workspace.getConfiguration("runicorn").get("viewer.graceMinutes", 10);
}

/** Registers the user interface. The core and ssh2 are loaded when something first needs them. */
export function activate(context: vscode.ExtensionContext): void {
  if (vscode.l10n.bundle) l10n.config({ contents: vscode.l10n.bundle });
  // No subscription: those are disposed of while `deactivate` still works, and a log that is gone throws.
  const log = vscode.window.createOutputChannel("Runicorn Remote", { log: true });
  let panels: Promise<ViewerPanels> | undefined;
  let logs: Promise<ViewerLogs> | undefined;

  const build = async (): Promise<App> => {
    const [{ createApp }, { reconnectInteraction }, { createStatusBar }] = await Promise.all([
      import("./app.js"),
      import("./vscode/flows/reconnectInteraction.js"),
      import("./vscode/statusBar.js"),
    ]);
    const built = await createApp({
      dataFolder: context.globalStorageUri.fsPath,
      home: homedir(),
      environment: process.env,
      logger: log,
      onDemandLimit: () =>
        vscode.workspace.getConfiguration("runicorn").get("sync.onDemandLimit", 2048) * 1024 * 1024,
      graceSeconds: () => Math.max(shortestGrace, graceMinutes() * 60),
      reconnectInteraction: (attended) => reconnectInteraction(passwordsIn(context.secrets), attended),
      tunnelBackends,
    });
    context.subscriptions.push(createStatusBar(built, api));
    return built;
  };
  const openApp = (): Promise<App> => (app ??= build());
  const api = createLocalApi({
    app: openApp,
    log,
    secrets: context.secrets,
    version: (context.extension.packageJSON as { version: string }).version,
    dataFolder: context.globalStorageUri.fsPath,
    showViewer: (session) => void openPanels().then((made) => made.show(session)),
  });
  const ui: Ui = {
    app: openApp,
    log,
    api,
    secrets: context.secrets,
    extensionUri: context.extensionUri,
  };
  const openPanels = (): Promise<ViewerPanels> =>
    (panels ??= Promise.all([ui.app(), import("./vscode/panel/viewerPanels.js")]).then(([built, late]) => {
      const made = late.createViewerPanels(ui, built);
      context.subscriptions.push(made);
      return made;
    }));
  const openLogs = (): Promise<ViewerLogs> =>
    (logs ??= Promise.all([ui.app(), import("./vscode/viewerLogs.js")]).then(([built, late]) => {
      const made = late.createViewerLogs(built);
      context.subscriptions.push(made);
      return made;
    }));
  const trees = registerTrees(ui.app);
  const runs = registerRuns(ui, context.subscriptions);
  const relay = registerRelay(ui);
  const refresh = (): void => [trees, runs, relay].forEach((view) => view.refresh());

  context.subscriptions.push(
    trees,
    api,
    relay,
    registerApi(ui),
    registerLate(ui, commandIds, async () =>
      (await import("./vscode/commands.js")).commandHandlers(ui, openPanels, openLogs, refresh),
    ),
    vscode.window.registerWebviewPanelSerializer(viewerPanelType, {
      deserializeWebviewPanel: async (panel, state: unknown) => (await openPanels()).restore(panel, state),
    }),
  );
  void restoreViewers(ui, context.globalStorageUri.fsPath);
}

/** Stops what runs on hosts; what takes too long is given up, for VS Code would end us anyway. */
export async function deactivate(): Promise<void> {
  const ended = app
    ?.then((built) => built.close(graceMinutes() === 0 ? "stop" : "leave"))
    .catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, shutdownLimit)));
  await Promise.race([ended, limit]);
  clearTimeout(timer);
}
