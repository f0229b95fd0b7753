import { homedir } from "node:os";
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "./app.js";
import { readableLogger } from "./common/logger.js";
import { createLocalApi } from "./vscode/api/localApi.js";
import { registerApi } from "./vscode/api/registerApi.js";
import { createLateViewers } from "./vscode/lateViewers.js";
import { commandIds, connectionCommandIds } from "./vscode/kit/commandIds.js";
import { registerDiagnosis } from "./vscode/diagnosis/registerDiagnosis.js";
import { registerLinks } from "./vscode/links/registerLinks.js";
import { restoreViewers } from "./vscode/viewers/restoreViewers.js";
import { showLogChannel } from "./vscode/viewers/showLogChannel.js";
import { registerLate } from "./vscode/kit/registerLate.js";
import { registerRelay } from "./vscode/relay/registerRelay.js";
import { registerRuns } from "./vscode/runs/registerRuns.js";
import { registerConnectionsTree } from "./vscode/sideBar/trees.js";
import { passwordsIn } from "./vscode/kit/secrets.js";
import type { Log, Ui } from "./vscode/kit/ui.js";
import {
  graceMinutes,
  mayListenOnPort,
  onDemandLimit,
  sshConfigFile,
  tunnelBackends,
  watchSettings,
} from "./vscode/kit/settings.js";
import { viewerPanelType } from "./vscode/kit/viewIds.js";

/** Milliseconds that VS Code leaves us when it shuts down, with some to spare. */
const shutdownLimit = 4_000;

/** Seconds of grace at least: a busy host and a tunnel that is opened anew take their time. */
const shortestGrace = 30;

let app: Promise<App> | undefined;

/** Registers the user interface. The core and ssh2 are loaded when something first needs them. */
export function activate(context: vscode.ExtensionContext): void {
  if (vscode.l10n.bundle) l10n.config({ contents: vscode.l10n.bundle });
  // No subscription: those are disposed of while `deactivate` still works, and a log that is gone throws.
  const channel = vscode.window.createOutputChannel("Runicorn Remote", { log: true });
  const log: Log = { ...readableLogger(channel), show: () => void showLogChannel(channel) };

  const build = async (): Promise<App> => {
    const [
      { createApp },
      { movedPort },
      { reconnectInteraction },
      { createStatusBar },
      { createContextKeys },
      { tellGone },
    ] = await Promise.all([
      import("./app.js"),
      import("./messages/movedPort.js"),
      import("./vscode/flows/reconnectInteraction.js"),
      import("./vscode/statusBar.js"),
      import("./vscode/contextKeys.js"),
      import("./vscode/runs/goneFiles.js"),
    ]);
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
      mayListenOnPort,
      followsOthers: true,
      onMoved: (before, now) => void vscode.window.showInformationMessage(movedPort(before, now)),
    });
    context.subscriptions.push(createStatusBar(built, api), createContextKeys(built), tellGone(built));
    return built;
  };
  const openApp = (): Promise<App> => (app ??= build());
  const api = createLocalApi({
    app: openApp,
    log,
    secrets: context.secrets,
    version: (context.extension.packageJSON as { version: string }).version,
    dataFolder: context.globalStorageUri.fsPath,
    showViewer: (session) => void late.panels().then((made) => made.show(session)),
  });
  const ui: Ui = {
    app: openApp,
    log,
    api,
    secrets: context.secrets,
    extensionUri: context.extensionUri,
  };
  const late = createLateViewers(ui, context.subscriptions);
  const tree = registerConnectionsTree(ui.app);
  const runs = registerRuns(ui, context.subscriptions);
  const relay = registerRelay(ui);
  const refresh = (): void => [tree, runs, relay].forEach((view) => view.refresh());

  context.subscriptions.push(
    registerLinks(ui, async (place, work) => (await late.panels()).open(place, work)),
    registerDiagnosis(ui),
    tree,
    api,
    relay,
    registerApi(ui),
    watchSettings(),
    registerLate(ui, connectionCommandIds, async () =>
      (await import("./vscode/connections/connectionCommands.js")).connectionCommandHandlers(ui),
    ),
    registerLate(ui, commandIds, async () =>
      (await import("./vscode/commands.js")).commandHandlers(ui, late, { tree, refresh }),
    ),
    vscode.window.registerWebviewPanelSerializer(viewerPanelType, {
      deserializeWebviewPanel: async (panel, state: unknown) => (await late.panels()).restore(panel, state),
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
