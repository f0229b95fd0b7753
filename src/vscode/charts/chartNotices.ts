import * as l10n from "@vscode/l10n";
import { sentences } from "../../messages/language/sentences.js";
import type { App } from "../../app.js";
import { mostMemory, type RunCharts, type RunsUpdate } from "../../charts/runCharts.js";
import { Cancelled, Failure } from "../../common/failure.js";
import { describeFailure } from "../../messages/describeFailure.js";
import { exactName, runsByName } from "../../runs/runNames.js";
import type { Run } from "../../sync/runIndex/runs.js";
import { ageText, runLabel } from "../runKit/runWords.js";
import type { KeptRun } from "./chartMessages.js";

/** The notice above charts after an update: what is missing, and how old the data is. Empty if there is nothing to say. */
export async function noticeOf(
  { fresh, failures }: RunsUpdate,
  { skipped }: Pick<RunCharts, "skipped">,
  runs: readonly Run[],
  kept: readonly KeptRun[],
  syncs: App["syncs"],
): Promise<string> {
  const told = failures.filter(({ reason }) => !(reason instanceof Cancelled));
  const first = told[0];
  const label = runs[first?.run ?? 0];
  const isOver = createIsOver(await syncs.runs());
  const parts = [
    missingText(runs, kept),
    fresh ? "" : await staleText(syncs, runs),
    first && label ? l10n.t("{0} could not be read: {1}", runLabel(label), failureText(first.reason)) : "",
    told.length > 1 ? l10n.t("Runs that could not be read beside it: {0}", told.length - 1) : "",
    skippedText(skipped((run) => isOver(runs[run]))),
  ];
  return parts.filter(Boolean).join(" ");
}

/** Returns whether a run has ended by now: it may have been killed since it was chosen. */
export function createIsOver(all: readonly Run[]): (run: Run | undefined) => boolean {
  const present = runsByName(all);
  return (run) => {
    const now = run && (present(exactName(run)) ?? present({ syncId: run.syncId, id: run.id }));
    return now !== undefined && now.status !== "running";
  };
}

function skippedText({ lines, values, hasMoreMetrics }: ReturnType<RunCharts["skipped"]>): string {
  const mebibytes = mostMemory / 1024 / 1024;
  const parts = [
    lines > 0 ? l10n.t("Damaged or too long lines in events.jsonl, left out: {0}", lines) : "",
    values > 0
      ? l10n.t(
          "Values left out, as charts may take {0} MiB of memory: {1}. Choose fewer runs.",
          mebibytes,
          values,
        )
      : "",
    hasMoreMetrics ? l10n.t("Metrics beyond 10,000 of a run, or with very long names, are left out.") : "",
  ];
  return parts.filter(Boolean).join(" ");
}

/** The notice for runs of a restored panel that no longer exist; else empty. */
function missingText(runs: readonly Run[], kept: readonly KeptRun[]): string {
  const missing = kept.length - runs.length;
  if (missing === 0 && kept.length > 0) return "";
  return runs.length === 0
    ? l10n.t("These runs are no longer on this machine.")
    : l10n.t("Runs that are no longer on this machine: {0}", missing);
}

async function staleText(syncs: App["syncs"], runs: readonly Run[]): Promise<string> {
  const ids = [...new Set(runs.map(({ syncId }) => syncId))];
  const all = await Promise.all(ids.map((id) => syncs.get(id)));
  const oldest = Math.min(...all.map((sync) => sync?.syncedAt ?? 0));
  return l10n.t("Not connected. This is what was copied {0}.", ageText(oldest));
}

function failureText(error: unknown): string {
  if (!(error instanceof Failure)) return String(error);
  const { message, advice } = describeFailure(error.detail);
  return sentences(message, advice);
}
