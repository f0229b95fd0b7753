import * as vscode from "vscode";
import type { App } from "../../app.js";
import { bestRuns } from "../../charts/bestRuns.js";
import type { ChartView, RunGroup } from "../../charts/chart.js";
import { packNames } from "../../charts/chartParts.js";
import { createRunCharts } from "../../charts/runCharts.js";
import type { Disposable } from "../../common/async/disposable.js";
import { displayText } from "../../common/text/displayText.js";
import { runsByName } from "../../runs/runNames.js";
import type { Run } from "../../sync/runIndex/runs.js";
import { runLabel, runStateText } from "../runKit/runWords.js";
import type { ChartRunLabel, WantedView } from "./chartMessages.js";
import { chartTexts } from "./chartTexts.js";
import { createChartExports } from "./exportCharts.js";
import { type ChartGrouping, groupsBy, ownGroupings } from "./groupRuns.js";
import type { ChartPort, ChartSubject } from "./chartSubject.js";
import { createLooks } from "./lookAtRuns.js";
import { createChartSender } from "./sendCharts.js";
import type { ChartAction, ToChartPage } from "./toChartPage.js";

export type { ChartPort, ChartSubject } from "./chartSubject.js";
export type { ChartGrouping } from "./groupRuns.js";

/** Milliseconds between two updates of runs that no mirror keeps up to date. */
const lookInterval = 2_000;
/** Maximum number of highlighted runs. */
const mostBest = 10;

/** The running charts of a page. */
export interface DrivenCharts extends Disposable {
  /** Runs an action on all of them, as if chosen in the page. */
  act(action: ChartAction): void;
}

/** Answers the charts of a page, and sends updates while it is visible. */
export function driveCharts(
  port: ChartPort,
  { syncs }: Pick<App, "syncs">,
  subject: ChartSubject,
): DrivenCharts {
  const { runs } = subject;
  const charts = createRunCharts(syncs, runs);
  const sender = createChartSender((message) => port.post(message), charts);
  const exports = createChartExports(syncs, runs);
  const groupings = [...ownGroupings(runs)];
  const viewOf = createViews(groupings, bestRuns(runs, mostBest).runs);
  const stop = new AbortController();
  let wanted: WantedView | undefined;
  let areGroupingsWhole = false;

  const sendAll = (): void => {
    if (wanted) sender.sendAll(viewOf(wanted));
  };
  const looks = createLooks(port, syncs, charts, subject, sendAll, stop.signal);
  const sendGroupings = (): void => {
    const told = groupings.map(({ id, label }) => ({ id, label: shortText(label) }));
    port.post({ kind: "groupings", groupings: told, isWhole: areGroupingsWhole });
  };
  const takeGroupings = (more: readonly ChartGrouping[]): void => {
    groupings.push(...more);
    areGroupingsWhole = true;
    if (stop.signal.aborted || !wanted) return;
    sendGroupings();
    if (more.some(({ id }) => id === wanted?.grouping)) sendAll();
  };
  void Promise.resolve(subject.groupings ?? []).then(takeGroupings, () => takeGroupings([]));

  port.onMessage((message) => {
    switch (message.kind) {
      case "ready":
        wanted = message.view;
        for (const one of setupOf(subject)) port.post(one);
        sendGroupings();
        void looks.look(true).then(sendAll);
        return;
      case "view":
        wanted = message.view;
        return sendAll();
      case "seen":
        return sender.see(message.metrics);
      case "csv":
        return exports.csv(message);
      case "picture":
        return exports.picture(message);
    }
  });
  const lookWhenSeen = (isAll: boolean): void => {
    if (wanted && port.isVisible) void looks.look(isAll);
  };
  const events = syncs.onDidChange((id) => {
    if (runs.some(({ syncId }) => syncId === id)) lookWhenSeen(true);
  });
  const timer = setInterval(() => lookWhenSeen(looks.isAllDue()), lookInterval);
  port.onDidChangeVisibility(() => lookWhenSeen(true));
  return {
    act: (action) => port.post({ kind: "do", action }),
    dispose: () => {
      stop.abort();
      clearInterval(timer);
      events.dispose();
      sender.dispose();
      charts.dispose();
    },
  };
}

/** Turns requests of a page into views. Keeps the same object for unchanged groups. */
function createViews(
  groupings: readonly ChartGrouping[],
  best: readonly number[],
): (wanted: WantedView) => ChartView {
  const made = new Map<string, readonly RunGroup[]>([["", []]]);
  return ({ grouping, focused, range, ...rest }) => {
    const found = groupings.find(({ id }) => id === grouping);
    const id = found?.id ?? "";
    const groups = made.get(id) ?? (found ? groupsBy(found) : []);
    made.set(id, groups);
    return { ...rest, range, groups, prominent: new Set([...best, ...focused]) };
  };
}

function* setupOf({ runs, kept }: ChartSubject): Iterable<ToChartPage> {
  yield {
    kind: "setup",
    texts: chartTexts(),
    language: vscode.env.language,
  };
  // Missing runs stay in the kept state, after the others.
  const present = runsByName(runs);
  const names = new Map(kept.map((name) => [present(name), name]));
  const gone = kept.filter((name) => !present(name));
  const all = [
    ...runs.map((run) => ({
      label: labelOf(run),
      kept: names.get(run) ?? { syncId: run.syncId, id: run.id },
    })),
    ...gone.map((name) => ({ label: undefined, kept: name })),
  ];
  const batches = [...packNames(all)];
  for (const [index, batch] of batches.entries()) {
    yield {
      kind: "runs",
      runs: batch.flatMap(({ label }) => label ?? []),
      kept: batch.map(({ kept: run }) => run),
      isFirst: index === 0,
      isLast: index === batches.length - 1,
    };
  }
  yield { kind: "best", ...bestRuns(runs, mostBest) };
}

/** Maximum characters of a name, which is foreign text. */
const longestText = 200;

function shortText(text: string): string {
  const shown = displayText(text);
  return shown.length > longestText ? `${shown.slice(0, longestText)}…` : shown;
}

function labelOf(run: Run): ChartRunLabel {
  const detail = [run.path, runStateText(run)].filter(Boolean).join(" · ");
  return {
    label: shortText(runLabel(run)),
    detail: shortText(runLabel(run) === run.id ? detail : `${run.id} · ${detail}`),
  };
}
