import * as l10n from "@vscode/l10n";
import type { App } from "../../app.js";
import type { RunCharts } from "../../charts/runCharts.js";
import { isSyncFailure } from "../../sync/failures.js";
import { noticeOf } from "./chartNotices.js";
import type { ChartPort, ChartSubject } from "./chartSubject.js";

/** Fetches new values of runs, one update after the other. */
export interface Looks {
  /** @param isAll whether to include runs that have ended. */
  look(isAll: boolean): Promise<void>;
  /** Whether all runs should be updated now. */
  isAllDue(): boolean;
}

/** Every so many updates, ended runs are included. */
const looksAtAll = 15;
/** Milliseconds between two progress messages. */
const progressInterval = 300;

/** @param show sends what is new. */
export function createLooks(
  port: ChartPort,
  syncs: App["syncs"],
  charts: RunCharts,
  { runs, kept }: ChartSubject,
  show: () => void,
  signal: AbortSignal,
): Looks {
  let [busy, again, isTroubled, looks] = [false, false, false, 0];

  const look = async (isAll: boolean): Promise<void> => {
    if (busy) {
      again ||= isAll;
      return;
    }
    busy = true;
    try {
      const update = await charts.update({
        signal,
        which: isAll ? undefined : (run) => runs[run]?.status === "running",
        onProgress: looks === 0 ? progressOf(port, show) : undefined,
      });
      looks += 1;
      isTroubled = !update.fresh || update.failures.some(({ reason }) => mayPass(reason));
      if (signal.aborted) return;
      if (update.changed) show();
      if (isAll || isTroubled)
        port.post({ kind: "notice", text: await noticeOf(update, charts, runs, kept, syncs) });
    } finally {
      busy = false;
    }
    if (again && !signal.aborted) {
      again = false;
      await look(true);
    }
  };
  return { look, isAllDue: () => isTroubled || looks % looksAtAll === 0 };
}

/** Ignore runs that logged nothing: they are no reason to query all others every two seconds. */
function mayPass(reason: unknown): boolean {
  return !isSyncFailure(reason, "sync-file-missing");
}

/** Reports progress while many runs are read for the first time, and shows what is there. */
function progressOf(port: ChartPort, show: () => void): (done: number, total: number) => void {
  let sentAt = Date.now();
  return (done, total) => {
    if (Date.now() - sentAt < progressInterval || done === total) return;
    sentAt = Date.now();
    show();
    port.post({ kind: "notice", text: l10n.t("Reading the runs: {0} of {1}", done, total) });
  };
}
