import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { sentences } from "../../messages/language/sentences.js";
import type { App } from "../../app.js";
import type { Disposable } from "../../common/async/disposable.js";
import { Cancelled, Failure } from "../../common/failure.js";
import { describeFailure } from "../../messages/describeFailure.js";
import type { RunDetails } from "../../runs/runDetails.js";
import type { RunRecords } from "../../runs/runRecords.js";
import type { KeptRun } from "../charts/chartMessages.js";
import { type ChartPort, driveCharts } from "../charts/driveCharts.js";
import { tableGroupings } from "../charts/groupRuns.js";
import { runPageCommandIds } from "../kit/commandIds.js";
import type { Page } from "../page/pages.js";
import { codeChanges, showChange } from "./compareCode.js";
import { compareTexts } from "./compareTexts.js";
import { comparisonView } from "./comparisonView.js";
import type { FromComparePage } from "./fromComparePage.js";
import type { ShownChange, ToComparePage } from "./toComparePage.js";

/** Milliseconds to debounce changes. */
const calm = 500;
/**
 * Wait at least so many times as long as the last read took before the next one, but not more than so many
 * milliseconds.
 */
const restShare = 5;
const longestRest = 20_000;
/** Maximum number of pairs of runs whose changed files are cached. */
const mostPairs = 50;
/** Maximum number of runs to read at once. */
const atOnce = 4;

/** Services that a comparison needs. */
export type CompareServices = Pick<App, "syncs"> & {
  readonly records: Pick<RunRecords, "details" | "table">;
};

type ComparePort = Page<FromComparePage, ToComparePage>;

/** Answers a page that compares runs, and sends updates while it is visible. */
// eslint-disable-next-line max-lines-per-function -- what one page hears, which shares what it was told
export function driveCompare(
  page: ComparePort,
  services: CompareServices,
  asked: readonly KeptRun[],
): Disposable {
  const stop = new AbortController();
  const parts: Disposable[] = [];
  let runs: readonly RunDetails[] = [];
  /** The requested runs. */
  let names: readonly KeptRun[] = [];
  /** By pair of runs: a page may show another pair than the one requested last. */
  const changes = new Map<string, readonly ShownChange[]>();
  let [sent, isReading, isStale, took] = ["", false, false, 0];
  let timer: NodeJS.Timeout | undefined;
  let hearCharts: ((message: Extract<FromComparePage, { kind: "charts" }>["message"]) => void) | undefined;

  const read = async (): Promise<void> => {
    const began = Date.now();
    const found = await allDetails(services, asked, stop.signal);
    runs = found.map(({ details }) => details);
    names = found.map(({ name }) => name);
    took = Date.now() - began;
    const missing = asked.length - runs.length;
    const view = comparisonView(runs);
    const text = JSON.stringify(view);
    if (text !== sent && runs.length > 0) {
      page.post({ kind: "comparison", view, kept: names });
    }
    sent = text;
    const notice =
      missing === 0
        ? ""
        : runs.length === 0
          ? l10n.t("These runs are no longer on this machine.")
          : l10n.t("Runs that are no longer on this machine: {0}", missing);
    page.post({ kind: "notice", text: notice, retry: missing > 0 });
  };
  const look = async (): Promise<void> => {
    if (isReading) {
      isStale = true;
      return;
    }
    isReading = true;
    try {
      do {
        isStale = false;
        await read();
      } while (isStale && !stop.signal.aborted);
    } catch (error) {
      if (!(error instanceof Cancelled)) page.post({ kind: "notice", text: textOf(error), retry: true });
    } finally {
      isReading = false;
    }
  };
  const lookSoon = (): void => {
    timer ??= setTimeout(
      () => {
        timer = undefined;
        if (page.isVisible) void look();
      },
      Math.max(calm, Math.min(longestRest, restShare * took)),
    );
  };

  const tellCode = async (baseline: number, other: number): Promise<void> => {
    const [before, after] = [runs[baseline], runs[other]];
    if (!before?.code?.snapshot || !after?.code?.snapshot) return;
    try {
      const found = await codeChanges(services, before, after, stop.signal);
      if (changes.size >= mostPairs) changes.clear();
      changes.set(pairOf(before, after), found.files);
      page.post({ kind: "code", baseline, other, ...found });
    } catch (error) {
      if (error instanceof Cancelled) return;
      page.post({ kind: "code", baseline, other, files: [], note: textOf(error) });
    }
  };

  const chart = (message: Extract<FromComparePage, { kind: "charts" }>["message"]): void => {
    if (!hearCharts) {
      const port: ChartPort = {
        post: (toCharts) => page.post({ kind: "charts", message: toCharts }),
        onMessage: (hear) => (hearCharts = hear),
        get isVisible() {
          return page.isVisible;
        },
        onDidChangeVisibility: (hear) => page.onDidChangeVisibility(hear),
      };
      const shown = runs.map(({ run }) => run);
      const groupings = services.records.table(stop.signal).then((table) => tableGroupings(table, shown));
      parts.push(driveCharts(port, services, { runs: shown, kept: names, groupings }));
    }
    hearCharts?.(message);
  };

  page.onMessage((message) => {
    switch (message.kind) {
      case "ready":
        sent = "";
        page.post({ kind: "setup", texts: compareTexts(), kept: asked });
        void look();
        return;
      case "retry":
        sent = "";
        void look();
        return;
      case "code":
        void tellCode(message.baseline, message.other);
        return;
      case "diff": {
        const [before, after] = [runs[message.baseline], runs[message.other]];
        if (!before || !after) return;
        const change = changes.get(pairOf(before, after))?.find(({ path }) => path === message.path);
        if (change) void showChange(before, after, change);
        return;
      }
      case "open": {
        const run = runs[message.run]?.run;
        if (run)
          void vscode.commands.executeCommand(runPageCommandIds.openRun, { data: { kind: "run", run } });
        return;
      }
      case "charts":
        return chart(message.message);
    }
  });
  page.onDidChangeVisibility(lookSoon);
  const events = services.syncs.onDidChange((id) => {
    if (asked.some(({ syncId }) => syncId === id)) lookSoon();
  });
  return {
    dispose: () => {
      stop.abort(new Cancelled());
      clearTimeout(timer);
      events.dispose();
      for (const part of parts) part.dispose();
    },
  };
}

function pairOf(...runs: readonly [RunDetails, RunDetails]): string {
  return JSON.stringify(runs.map(({ run: { syncId, folder } }) => [syncId, folder]));
}

/** Details of the runs that still exist, in the requested order. */
async function allDetails(
  { records }: CompareServices,
  asked: readonly KeptRun[],
  signal: AbortSignal,
): Promise<readonly { readonly name: KeptRun; readonly details: RunDetails }[]> {
  const found: { readonly name: KeptRun; readonly details: RunDetails }[] = [];
  for (let from = 0; from < asked.length; from += atOnce) {
    const some = asked.slice(from, from + atOnce);
    const read = await Promise.all(some.map((name) => records.details(name, signal)));
    for (const [place, name] of some.entries()) {
      const details = read[place];
      if (details) found.push({ name, details });
    }
  }
  return found;
}

function textOf(error: unknown): string {
  if (!(error instanceof Failure)) return error instanceof Error ? error.message : String(error);
  const { message, advice } = describeFailure(error.detail);
  return sentences(message, advice);
}
