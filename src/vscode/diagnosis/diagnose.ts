import { randomBytes } from "node:crypto";
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { Cancelled } from "../../common/failure.js";
import { displayText } from "../../common/text/displayText.js";
import type { DiagnosisReport, DiagnosisStep, StepId } from "../../diagnosis/report.js";
import { createInteraction } from "../flows/interaction.js";
import { diagnosisText } from "../../messages/describeDiagnosis.js";
import { savedIdOf } from "../../savedConnectionId.js";
import { requestFor } from "../../savedConnections.js";
import { formatTarget, type Target } from "../../ssh/model/target.js";
import { commandIds, connectionCommandIds } from "../kit/commandIds.js";
import { passwordsIn } from "../kit/secrets.js";
import type { Ui } from "../kit/ui.js";
import { diagnosisPanelType } from "../kit/viewIds.js";
import { panelHtml } from "../kit/webviewHtml.js";
import { type Page, readFromPage, readPageState, type ToPage } from "../viewers/page.js";
import { diagnosisPage, earlierDiagnosisPage } from "./diagnosisPage.js";

/** The open tabs, by target. */
const openTabs = new Map<string, { readonly panel: vscode.WebviewPanel; readonly again: () => void }>();

/** Shows a tab that tries each step of connecting live, with the first problem on top. */
export function openDiagnosis(ui: Ui, target: Target): void {
  const present = openTabs.get(formatTarget(target));
  if (present) {
    present.panel.reveal();
    present.again();
    return;
  }
  const title = l10n.t("Diagnosis of {0}", displayText(formatTarget(target)));
  const panel = vscode.window.createWebviewPanel(diagnosisPanelType, title, vscode.ViewColumn.Active, {
    ...optionsOf(ui),
    retainContextWhenHidden: true,
  });
  fill(ui, panel, target)();
}

/** Takes over a tab that VS Code restored. Does not start by itself, because it may ask for a password. */
export function restoreDiagnosis(ui: Ui, panel: vscode.WebviewPanel, state: unknown): void {
  const target = readPageState(state)?.place?.target;
  if (!target) {
    panel.dispose();
    return;
  }
  panel.webview.options = optionsOf(ui);
  fill(ui, panel, target);
}

function optionsOf({ extensionUri }: Ui): vscode.WebviewOptions {
  return { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(extensionUri, "dist")] };
}

/** @returns a function that starts the diagnosis, unless it is running. */
function fill(ui: Ui, panel: vscode.WebviewPanel, target: Target): () => void {
  const key = formatTarget(target);
  panel.iconPath = vscode.Uri.joinPath(ui.extensionUri, "media", "tabs", "diagnosis.svg");
  let stop = new AbortController();
  let shown: Page = earlierDiagnosisPage(target);
  let isBusy = false;
  let isGone = false;
  let report: DiagnosisReport | undefined;
  const post = (): void => {
    if (isGone) return;
    const message: ToPage = { kind: "show", page: shown, state: { sessionId: "", place: { target } } };
    void panel.webview.postMessage(message);
  };
  const run = async (): Promise<void> => {
    if (isBusy) return;
    isBusy = true;
    stop = new AbortController();
    const done: DiagnosisStep[] = [];
    let now: StepId | undefined;
    report = undefined;
    const show = (): void => {
      shown = diagnosisPage({ target, done, now, report });
      post();
    };
    show();
    try {
      report = await diagnose(ui, target, stop.signal, (event) => {
        if (event.kind === "begins") now = event.id;
        else done.push(event.step);
        show();
      });
      show();
    } catch (error) {
      if (!(error instanceof Cancelled)) throw error;
      if (!isGone) panel.dispose();
    } finally {
      isBusy = false;
    }
  };
  const again = (): void => void run();
  openTabs.set(key, { panel, again });
  panel.onDidDispose(() => {
    isGone = true;
    if (openTabs.get(key)?.panel === panel) openTabs.delete(key);
    stop.abort(new Cancelled());
  });
  panel.webview.onDidReceiveMessage((received: unknown) => {
    const message = readFromPage(received);
    if (message?.kind === "ready") post();
    if (message?.kind !== "pressed") return;
    if (message.button === "cancel") stop.abort(new Cancelled());
    if (message.button === "retry") again();
    if (message.button === "copy" && report) void vscode.env.clipboard.writeText(diagnosisText(report));
    if (message.button === "edit-config")
      void vscode.commands.executeCommand(connectionCommandIds.editSshConfig);
    if (message.button === "edit-connection")
      void vscode.commands.executeCommand(connectionCommandIds.edit, target);
    if (message.button === "connect") void connect(ui, target);
  });
  panel.webview.html = panelHtml({
    cspSource: panel.webview.cspSource,
    scriptUri: panel.webview
      .asWebviewUri(vscode.Uri.joinPath(ui.extensionUri, "dist", "webview.js"))
      .toString(),
    nonce: randomBytes(16).toString("hex"),
    viewerOrigin: undefined,
    language: vscode.env.language,
  });
  return again;
}

/** Connects like a click on the connection, with its saved settings. */
async function connect(ui: Ui, target: Target): Promise<void> {
  const saved = (await savedConnection(ui, target)) ?? { target };
  await vscode.commands.executeCommand(commandIds.connect, { data: { kind: "connection", saved } });
}

async function savedConnection(ui: Ui, target: Target) {
  return (await ui.app()).savedConnections.get(savedIdOf(target));
}

async function diagnose(
  ui: Ui,
  target: Target,
  signal: AbortSignal,
  onStep: NonNullable<Parameters<Awaited<ReturnType<Ui["app"]>>["diagnosis"]["diagnose"]>[2]["onStep"]>,
): Promise<DiagnosisReport> {
  const app = await ui.app();
  const request = requestFor((await savedConnection(ui, target)) ?? { target });
  const { interaction } = createInteraction(passwordsIn(ui.secrets));
  return app.diagnosis.diagnose(request, interaction, { signal, onStep });
}
