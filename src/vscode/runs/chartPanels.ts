import { randomBytes } from "node:crypto";
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import { Cancelled, Failure } from "../../common/failure.js";
import { describeFailure } from "../../messages/describeFailure.js";
import type { ChartView } from "../../charts/chart.js";
import { type ChartedRun, createRunCharts } from "../../charts/runCharts.js";
import type { Run } from "../../sync/runIndex/runs.js";
import { panelHtml } from "../kit/webviewHtml.js";
import type { Ui } from "../kit/ui.js";
import { chartsPanelType } from "../kit/viewIds.js";
import { nameOf } from "./arrangeRuns.js";
import {
  type ChartRunLabel,
  type FromChartPage,
  type KeptRun,
  readFromChartPage,
  readKeptRuns,
} from "./chartMessages.js";
import { chartTexts } from "./chartTexts.js";
import type { ToChartPage } from "./toChartPage.js";
import { ageText, runDescription, runLabel, statusText } from "./runWords.js";

/** Milliseconds between two looks at runs that no mirror keeps fresh. */
const lookInterval = 2_000;
/** Runs in one panel: more lines than that nobody tells apart. */
const mostRuns = 16;
/** Characters of a tab's title: a host may give a run any name. */
const longestTitle = 60;

/** The panels with charts, one for the same runs. */
export interface ChartPanels {
  /** Shows the metrics of these runs, drawn anew as they grow. */
  open(runs: readonly Run[]): void;
  /** Takes over a panel that VS Code restored. */
  restore(panel: vscode.WebviewPanel, state: unknown): Promise<void>;
}

export function createChartPanels(ui: Ui, app: App): ChartPanels {
  const all = new Map<string, vscode.WebviewPanel>();
  const options = {
    enableScripts: true,
    localResourceRoots: [vscode.Uri.joinPath(ui.extensionUri, "dist")],
  };

  const fill = (panel: vscode.WebviewPanel, runs: readonly Run[], kept: readonly KeptRun[]): void => {
    const key = keyOf(kept);
    all.set(key, panel);
    panel.onDidDispose(() => {
      if (all.get(key) === panel) all.delete(key);
    });
    panel.iconPath = vscode.Uri.joinPath(ui.extensionUri, "media", "icon.png");
    drive(panel, app, runs, kept);
    panel.webview.html = htmlOf(ui, panel.webview);
  };

  return {
    open: (runs) => {
      const shown = runs.slice(0, mostRuns);
      const kept = shown.map(({ syncId, id }) => ({ syncId, id }));
      const present = all.get(keyOf(kept));
      if (present) return present.reveal();
      const panel = vscode.window.createWebviewPanel(
        chartsPanelType,
        titleOf(shown),
        vscode.ViewColumn.Active,
        { ...options, retainContextWhenHidden: true },
      );
      fill(panel, shown, kept);
    },
    restore: async (panel, state) => {
      const kept = readKeptRuns(state).slice(0, mostRuns);
      panel.webview.options = options;
      const present = new Map((await app.syncs.runs()).map((run) => [keyOf([run]), run]));
      fill(
        panel,
        kept.flatMap((run) => present.get(keyOf([run])) ?? []),
        kept,
      );
    },
  };
}

/** Says which runs these are, in whatever order. */
function keyOf(runs: readonly KeptRun[]): string {
  return JSON.stringify(runs.map(({ syncId, id }) => JSON.stringify([syncId, id])).sort());
}

function titleOf(runs: readonly Run[]): string {
  const [first] = runs;
  const name = runs.length === 1 && first ? runLabel(first) : l10n.t("{0} runs", runs.length);
  return name.length > longestTitle ? `${name.slice(0, longestTitle)}…` : name;
}

function htmlOf({ extensionUri }: Ui, webview: vscode.Webview): string {
  const inDist = (name: string): string =>
    webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, "dist", name)).toString();
  return panelHtml({
    cspSource: webview.cspSource,
    scriptUri: inDist("charts.js"),
    styleUri: inDist("charts.css"),
    nonce: randomBytes(16).toString("hex"),
    viewerOrigin: undefined,
    language: vscode.env.language,
  });
}

/** Answers the page, and sends what is new while the panel can be seen. */
function drive(
  panel: vscode.WebviewPanel,
  { syncs }: App,
  runs: readonly Run[],
  kept: readonly KeptRun[],
): void {
  const charts = createRunCharts(syncs, runs);
  const stop = new AbortController();
  const ranges = new Map<string, readonly [number, number]>();
  let view: ChartView | undefined;
  let busy = false;
  let again = false;

  const post = (message: ToChartPage): void => void panel.webview.postMessage(message);
  const sendAll = (): void => {
    if (view) post({ kind: "charts", charts: charts.charts(view) });
  };

  const look = async (): Promise<void> => {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    try {
      const { changed, fresh } = await charts.update(stop.signal);
      if (changed) sendAll();
      post({ kind: "notice", text: fresh ? missingNotice(runs, kept) : await staleNotice(syncs, runs) });
    } catch (error) {
      if (error instanceof Cancelled) return;
      post({
        kind: "notice",
        text: error instanceof Failure ? failureText(error) : String(error),
      });
    } finally {
      busy = false;
    }
    if (again && !stop.signal.aborted) {
      again = false;
      await look();
    }
  };

  const onMessage = (message: FromChartPage): void => {
    switch (message.kind) {
      case "ready":
        for (const [metric, range] of message.ranges) ranges.set(metric, range);
        view = { ...message.view, ranges };
        post(setupOf(runs, kept));
        void look().then(sendAll);
        return;
      case "view":
        if (message.view.x !== view?.x) ranges.clear();
        view = { ...message.view, ranges };
        sendAll();
        return;
      case "zoom":
        if (message.range) ranges.set(message.metric, message.range);
        else ranges.delete(message.metric);
        if (view) post({ kind: "chart", chart: charts.chart(message.metric, view) });
    }
  };

  panel.webview.onDidReceiveMessage((received: unknown) => {
    const message = readFromChartPage(received);
    if (message) onMessage(message);
  });
  const lookWhenSeen = (): void => {
    if (view && panel.visible) void look();
  };
  const events = syncs.onDidChange((id) => {
    if (runs.some(({ syncId }) => syncId === id)) lookWhenSeen();
  });
  const timer = setInterval(lookWhenSeen, lookInterval);
  panel.onDidChangeViewState(lookWhenSeen);
  panel.onDidDispose(() => {
    stop.abort();
    clearInterval(timer);
    events.dispose();
  });
}

function setupOf(runs: readonly Run[], kept: readonly KeptRun[]): ToChartPage {
  return { kind: "setup", texts: chartTexts(), runs: runs.map(labelOf), kept, language: vscode.env.language };
}

function labelOf(run: Run): ChartRunLabel {
  const detail = [run.path, statusText(run.status), runDescription(run)].filter(Boolean).join(" · ");
  return { label: runLabel(run), detail: nameOf(run) === run.id ? detail : `${run.id} · ${detail}` };
}

/** What is said where runs of a restored panel are not there any more; else nothing. */
function missingNotice(runs: readonly Run[], kept: readonly KeptRun[]): string {
  const missing = kept.length - runs.length;
  if (missing === 0 && kept.length > 0) return "";
  return runs.length === 0
    ? l10n.t("These runs are no longer on this machine.")
    : l10n.t("Runs that are no longer on this machine: {0}", missing);
}

async function staleNotice(syncs: App["syncs"], runs: readonly ChartedRun[]): Promise<string> {
  const all = await Promise.all(runs.map(({ syncId }) => syncs.get(syncId)));
  const oldest = Math.min(...all.map((sync) => sync?.syncedAt ?? 0));
  return l10n.t("Not connected. This is what was copied {0}.", ageText(oldest));
}

function failureText(error: Failure): string {
  const { message, advice } = describeFailure(error.detail);
  return `${message} ${advice}`;
}
