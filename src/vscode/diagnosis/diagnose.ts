import { randomBytes } from "node:crypto";
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { Cancelled } from "../../common/failure.js";
import { displayText } from "../../common/text/displayText.js";
import type { DiagnosisReport, DiagnosisStep, StepId } from "../../diagnosis/report.js";
import { createInteraction } from "../flows/interaction.js";
import { diagnosisText } from "../../messages/describeDiagnosis.js";
import { savedIdOf } from "../../savedConnectionId.js";
import { formatTarget, type Target } from "../../ssh/model/target.js";
import { commandIds, connectionCommandIds } from "../kit/commandIds.js";
import { passwordsIn } from "../kit/secrets.js";
import type { Ui } from "../kit/ui.js";
import { diagnosisPanelType } from "../kit/viewIds.js";
import { panelHtml } from "../kit/webviewHtml.js";
import { type Page, readFromPage, type ToPage } from "../viewers/page.js";
import { diagnosisPage } from "./diagnosisPage.js";

/** Opens a tab that tries each step to a host, live, and says the first cause of trouble on top. */
export function openDiagnosis(ui: Ui, target: Target): void {
  const title = l10n.t("Diagnosis of {0}", displayText(formatTarget(target)));
  const panel = vscode.window.createWebviewPanel(diagnosisPanelType, title, vscode.ViewColumn.Active, {
    enableScripts: true,
    retainContextWhenHidden: true,
    localResourceRoots: [vscode.Uri.joinPath(ui.extensionUri, "dist")],
  });
  panel.iconPath = vscode.Uri.joinPath(ui.extensionUri, "media", "icon.png");
  let stop = new AbortController();
  let shown: Page | undefined;
  let isGone = false;
  let report: DiagnosisReport | undefined;
  const post = (): void => {
    if (isGone || !shown) return;
    const message: ToPage = { kind: "show", page: shown, state: { sessionId: "" } };
    void panel.webview.postMessage(message);
  };
  const run = async (): Promise<void> => {
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
    }
  };
  panel.onDidDispose(() => {
    isGone = true;
    stop.abort(new Cancelled());
  });
  panel.webview.onDidReceiveMessage((received: unknown) => {
    const message = readFromPage(received);
    if (message?.kind === "ready") post();
    if (message?.kind !== "pressed") return;
    if (message.button === "cancel") stop.abort(new Cancelled());
    if (message.button === "retry") void run();
    if (message.button === "copy" && report) void vscode.env.clipboard.writeText(diagnosisText(report));
    if (message.button === "edit-config")
      void vscode.commands.executeCommand(connectionCommandIds.editSshConfig);
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
  void run();
}

/** As a click on the connection does: what is remembered of it is used. */
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
  const { identityFile } = (await savedConnection(ui, target)) ?? {};
  const credentials = identityFile === undefined ? {} : { credentials: { identityFiles: [identityFile] } };
  const { interaction } = createInteraction(passwordsIn(ui.secrets));
  return app.diagnosis.diagnose({ target, ...credentials }, interaction, { signal, onStep });
}
