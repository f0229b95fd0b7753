import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { App } from "../../app.js";
import type { Disposable } from "../../common/async/disposable.js";
import { gather } from "../../common/async/gather.js";
import { displayText } from "../../common/text/displayText.js";
import type { Notice } from "../../runs/watch/noticeFile.js";
import type { RunWatch } from "../../runs/watch/runWatch.js";
import { isMeant, presentAmong } from "../../runs/meantRuns.js";
import type { Run } from "../../sync/runIndex/runs.js";
import { noticeCommandIds } from "../kit/commandIds.js";
import { stateContextKeys } from "../kit/viewIds.js";
import { isBad, noticeText, summaryText } from "./noticeWords.js";
import { openTold, showLogOf } from "./openTold.js";

/** A notice with its root. */
export interface PlacedNotice extends Notice {
  readonly syncId: string;
}

/** Milliseconds to collect notices, after the first. */
const calm = 1_000;

/** Shows notices in notifications and in the view's badge. @param badge shows the number of unseen notices. */
export function tellNotices(
  app: App,
  watch: RunWatch,
  badge: (value: vscode.ViewBadge | undefined) => void,
): Disposable {
  let waiting: (PlacedNotice & { readonly isAfterAbsence: boolean })[] = [];
  /** Whether something was shown since the window lost the focus: later notices wait until it is focused again. */
  let isShownWhileAway = false;

  const show = (): void => {
    if (waiting.length === 0) return;
    const { focused } = vscode.window.state;
    if (!focused && isShownWhileAway) return;
    const notices = waiting;
    waiting = [];
    const [only] = notices;
    const isAway = !focused || notices.some(({ isAfterAbsence }) => isAfterAbsence);
    if (!focused) isShownWhileAway = true;
    if (only && notices.length === 1) void tellOne(app, watch, only);
    else void tellSummary(watch, notices, isAway);
  };
  const shows = gather(calm, show);

  const tellCount = async (): Promise<void> => {
    const count = (await unseenOf(app, watch)).length;
    void vscode.commands.executeCommand("setContext", stateContextKeys.hasNotices, count > 0);
    badge(
      count === 0
        ? undefined
        : { value: count, tooltip: count === 1 ? l10n.t("1 notice") : l10n.t("{0} notices", count) },
    );
  };
  const counts = gather(calm, () => void tellCount());
  counts.call();

  const listening = [
    watch.onDidTell(({ syncId, notices, isAfterAbsence }) => {
      waiting.push(...notices.map((notice) => ({ ...notice, syncId, isAfterAbsence })));
      shows.call();
    }),
    watch.onDidChange(counts.call),
    vscode.window.onDidChangeWindowState(({ focused }) => {
      if (!focused) return;
      if (isShownWhileAway) {
        isShownWhileAway = false;
        tellReturned();
      } else show();
    }),
    shows,
    counts,
  ];
  const tellReturned = (): void => {
    waiting = waiting.map((notice) => ({ ...notice, isAfterAbsence: true }));
    show();
  };
  return { dispose: () => listening.forEach((one) => void one.dispose()) };
}

/** Unseen notices, newest first. */
export async function unseenOf({ syncs }: App, watch: RunWatch): Promise<readonly PlacedNotice[]> {
  const all = await Promise.all(
    (await syncs.list()).map(async ({ id }) =>
      (await watch.of(id)).unseen.map((notice) => ({ ...notice, syncId: id })),
    ),
  );
  return all.flat().sort((a, b) => b.at - a.at);
}

async function tellOne(app: App, watch: RunWatch, notice: PlacedNotice): Promise<void> {
  const [open, log] = [l10n.t("Open"), l10n.t("Show Log")];
  const host = (await app.syncs.get(notice.syncId))?.host ?? "";
  const text = l10n.t("{0} Host: {1}", noticeText(notice), displayText(host));
  const chosen = isBad(notice.news)
    ? await vscode.window.showWarningMessage(text, open, log)
    : await vscode.window.showInformationMessage(text, open, log);
  await watch.markSeen(notice.syncId, [notice.number]);
  if (chosen === undefined) return;
  const run = await runOf(app, notice);
  if (!run) return void vscode.window.showInformationMessage(l10n.t("This run is not here any more."));
  await (chosen === open ? openTold(run) : showLogOf(run));
}

async function tellSummary(
  watch: RunWatch,
  notices: readonly PlacedNotice[],
  isAway: boolean,
): Promise<void> {
  const summary = summaryText(notices);
  const text = isAway ? l10n.t("Runs while you were away: {0}", summary) : l10n.t("Runs: {0}", summary);
  const show = l10n.t("Show");
  const isAnyBad = notices.some(({ news }) => isBad(news));
  const chosen = isAnyBad
    ? await vscode.window.showWarningMessage(text, show)
    : await vscode.window.showInformationMessage(text, show);
  if (chosen === show) await vscode.commands.executeCommand(noticeCommandIds.showNotices);
  else await markAllSeen(watch, notices);
}

export async function markAllSeen(watch: RunWatch, notices: readonly PlacedNotice[]): Promise<void> {
  for (const syncId of new Set(notices.map((notice) => notice.syncId))) {
    const theirs = notices.filter((notice) => notice.syncId === syncId);
    await watch.markSeen(
      syncId,
      theirs.map(({ number }) => number),
    );
  }
}

/** The current state of the run of a notice. */
export async function runOf({ syncs }: App, { syncId, news }: PlacedNotice): Promise<Run | undefined> {
  const lists = await Promise.all([
    syncs.runs(syncId),
    syncs.keptRuns(syncId),
    syncs.deletedRuns(syncId),
  ]).catch(() => []);
  const isPresent = presentAmong(lists.flat());
  return lists
    .slice(0, 2)
    .flat()
    .find((run) => isMeant(run, { id: news.runId, folder: news.folder }, isPresent));
}
