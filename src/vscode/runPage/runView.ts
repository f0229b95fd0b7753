import { posix } from "node:path";
import * as l10n from "@vscode/l10n";
import { dateTimeText } from "../../messages/language/dateText.js";
import { displayText } from "../../common/text/displayText.js";
import { sizeText } from "../../common/text/sizeText.js";
import type { RunDetails, RunFile, SkippedPart } from "../../runs/runDetails.js";
import type { RunValue } from "../../runs/runTable.js";
import { numberText } from "../../runs/view/valueText.js";
import type { Run } from "../../sync/runIndex/runs.js";
import type { Sync } from "../../sync/syncState.js";
import { skippedText } from "../runKit/skippedText.js";
import { runLabel, statusText } from "../runKit/runWords.js";
import type { RunFact, RunSection, RunSectionId, RunView, ShownFile } from "./toRunPage.js";

/** Maximum number of rows of a section, and of characters of a value, sent to a page. */
const mostRows = 2_000;
const longestValue = 4_000;
const mostFiles = 2_000;
const mostSkipped = 50;

/** Where a run is from, and its host's time. */
export interface RunPlace {
  readonly sync: Pick<Sync, "host" | "root"> | undefined;
  /** Current time by the host's clock, in seconds since the epoch. */
  readonly hostTime: number;
}

/** The texts of a run's page. */
export function runView(details: RunDetails, { sync, hostTime }: RunPlace): RunView {
  const { run, note, files, skipped } = details;
  const isRunning = run.status === "running";
  const label = runLabel(run);
  return {
    title: label,
    subtitle: displayText(label === run.id ? run.path : `${run.path} · ${run.id}`),
    folder: run.folder,
    status: { kind: statusKind(run.status), text: statusText(run.status), reason: reasonOf(run) },
    seconds: secondsOf(run, hostTime),
    isRunning,
    tags: run.tags.map(displayText),
    note: note === undefined ? "" : linesOf(note),
    sections: sectionsOf(details, sync),
    ...filesOf(files, details.bytes),
    skipped: skippedTexts(skipped, run),
    hasLog: files.some(({ path }) => path === "logs.txt"),
  };
}

/** A value for the clipboard: numbers with all digits, texts unchanged. */
export function valueToCopy(
  details: RunDetails,
  place: RunPlace,
  section: RunSectionId,
  row: number,
): string {
  const found = valuesOf(details, place.sync).find(({ id }) => id === section)?.entries[row];
  return found === undefined ? "" : String(found[1]);
}

/** The text of a value. */
function valueText(value: RunValue): string {
  const text = typeof value === "string" ? linesOf(value) : String(value);
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text;
}

function linesOf(text: string): string {
  return text.split(/\r?\n/).map(displayText).join("\n");
}

function statusKind(status: string): RunView["status"]["kind"] {
  switch (status) {
    case "running":
    case "finished":
    case "failed":
    case "interrupted":
      return status;
    default:
      return "other";
  }
}

/** The reason for a run's status. */
function reasonOf({ status, sign, isGone, isDeleted }: Run): string {
  if (sign?.kind === "process-gone")
    return l10n.t("Its process is gone: it was killed, or its machine was started again.");
  if (sign?.kind === "silent") return l10n.t("It has written nothing since {0}.", dateText(sign.since));
  if (isGone) return l10n.t("The host no longer has this run. It is kept on this machine.");
  if (isDeleted) return l10n.t("It is in Runicorn's recycle bin.");
  return status === "unknown" ? l10n.t("Its files do not say how it ended.") : "";
}

/** A running run is measured by the host's clock; the end of a killed one is unknown. */
function secondsOf({ startedAt, createdAt, endedAt, status }: Run, hostTime: number): number | undefined {
  const start = startedAt ?? createdAt;
  const end = endedAt ?? (status === "running" ? hostTime : undefined);
  return start === undefined || end === undefined || end < start ? undefined : end - start;
}

/** @param seconds since the epoch. */
function dateText(seconds: number): string {
  const at = seconds * 1_000;
  return Number.isNaN(new Date(at).getTime()) ? String(seconds) : dateTimeText(at);
}

interface Values {
  readonly id: RunSectionId;
  readonly title: string;
  /** `shown`: a shorter text than the value, which is what gets copied. */
  readonly entries: readonly (readonly [name: string, value: RunValue, shown?: string])[];
}

function sectionsOf(details: RunDetails, sync: RunPlace["sync"]): readonly RunSection[] {
  return valuesOf(details, sync)
    .filter(({ entries }) => entries.length > 0)
    .map(({ id, title, entries }) => ({
      id,
      title,
      rows: entries.slice(0, mostRows).map(([name, value, shown = value]): RunFact => ({
        name: displayText(name),
        value: valueText(shown),
      })),
      more: Math.max(0, entries.length - mostRows),
    }));
}

function valuesOf(details: RunDetails, sync: RunPlace["sync"]): readonly Values[] {
  const { parameters, metrics, summary, environment } = details;
  return [
    { id: "facts", title: l10n.t("Run"), entries: factsOf(details, sync) },
    { id: "parameters", title: l10n.t("Parameters"), entries: [...parameters] },
    {
      id: "metrics",
      title: l10n.t("Metrics"),
      entries: [...metrics].map(([name, one]) => [
        name,
        figuresText(one, String),
        figuresText(one, numberText),
      ]),
    },
    { id: "summary", title: l10n.t("Summary"), entries: [...summary] },
    { id: "code", title: l10n.t("Code"), entries: codeOf(details) },
    { id: "environment", title: l10n.t("Environment"), entries: [...environment] },
  ];
}

function factsOf(
  { run, command, bytes }: RunDetails,
  sync: RunPlace["sync"],
): readonly (readonly [string, RunValue])[] {
  const facts: readonly (readonly [string, RunValue | undefined])[] = [
    [l10n.t("Run ID"), run.id],
    [l10n.t("Path"), run.path],
    [l10n.t("Started"), optionalDate(run.startedAt ?? run.createdAt)],
    [l10n.t({ message: "Ended", comment: ["The time of the end"] }), optionalDate(run.endedAt)],
    [l10n.t("Host"), sync?.host],
    [l10n.t("Storage root"), sync?.root],
    [l10n.t("Folder"), run.folder],
    [l10n.t("Machine"), run.hostname],
    [l10n.t("Process"), run.pid],
    [l10n.t("Command"), command],
    [l10n.t("Size"), bytes > 0 ? sizeText(bytes) : undefined],
  ];
  return facts.flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [[name, value] as const],
  );
}

function optionalDate(seconds: number | undefined): string | undefined {
  return seconds === undefined ? undefined : dateText(seconds);
}

function codeOf({ code }: RunDetails): readonly (readonly [string, RunValue])[] {
  if (!code) return [];
  const { commit, branch, isDirty, remote, snapshot } = code;
  const state =
    isDirty === undefined
      ? undefined
      : isDirty
        ? l10n.t("with changes that were not committed")
        : l10n.t("as committed");
  const facts: readonly (readonly [string, RunValue | undefined])[] = [
    [l10n.t("Git commit"), commit],
    [l10n.t("Branch"), branch],
    [l10n.t("State"), state],
    [l10n.t("Remote"), remote],
    [l10n.t("Archive of its files"), snapshot],
  ];
  return facts.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
}

type Figures = RunDetails["metrics"] extends ReadonlyMap<string, infer F> ? F : never;

function figuresText(
  { last, lastStep, best, min, max, count, firstNotFinite }: Figures,
  text: (value: number) => string,
): string {
  const parts = [
    best === undefined ? undefined : l10n.t("best {0}", text(best)),
    l10n.t("last {0} (step {1})", text(last), lastStep),
    min === undefined ? undefined : l10n.t("min {0}", text(min)),
    max === undefined ? undefined : l10n.t("max {0}", text(max)),
    count === 1 ? l10n.t("1 value") : l10n.t("{0} values", count.toLocaleString()),
    firstNotFinite === undefined ? undefined : l10n.t("NaN or infinite at step {0}", firstNotFinite),
  ];
  return parts.filter((part) => part !== undefined).join(" · ");
}

/** The largest files first. */
function filesOf(
  files: readonly RunFile[],
  bytes: number,
): Pick<RunView, "files" | "moreFiles" | "filesText"> {
  const shown = [...files].sort((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1));
  return {
    files: shown.slice(0, mostFiles).map(({ path, bytes: size, isHere }): ShownFile => ({
      path,
      name: displayText(path),
      size: sizeText(size),
      isHere,
    })),
    moreFiles: Math.max(0, files.length - mostFiles),
    filesText:
      files.length === 1
        ? l10n.t("1 file, {0}", sizeText(bytes))
        : l10n.t("{0} files, {1}", files.length.toLocaleString(), sizeText(bytes)),
  };
}

function skippedTexts(skipped: readonly SkippedPart[], { damaged, isShortened }: Run): readonly string[] {
  const named = new Set(skipped.map(({ path }) => posix.basename(path)));
  const texts = [
    ...skipped.slice(0, mostSkipped).map(skippedText),
    ...damaged
      .filter((name) => !named.has(name))
      .map((name) => l10n.t("{0} is damaged on the host.", displayText(name))),
    ...(isShortened ? [l10n.t("Its files tell more than is kept here.")] : []),
  ];
  const more = skipped.length - mostSkipped;
  return more > 0 ? [...texts, l10n.t("{0} more are not shown.", more)] : texts;
}
