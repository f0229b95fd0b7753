import { posix } from "node:path";
import * as l10n from "@vscode/l10n";
import { displayText } from "../../common/text/displayText.js";
import { dateTimeText } from "../../messages/language/dateText.js";
import { describeFailure } from "../../messages/describeFailure.js";
import { sentences } from "../../messages/language/sentences.js";
import { isThisMachine } from "../../ssh/model/thisMachine.js";
import type { CopyMode } from "../../sync/runIndex/layout.js";
import type { Run } from "../../sync/runIndex/runs.js";
import type { RunSign } from "../../sync/runIndex/runSigns.js";
import type { Sync } from "../../sync/syncState.js";

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** The text of how long ago something was. @param at milliseconds since the epoch; the future counts as now. */
export function ageText(at: number, now = Date.now()): string {
  const seconds = Math.max(0, Math.round((now - at) / 1000));
  if (seconds < minute) return l10n.t("just now");
  if (seconds < hour) return l10n.t("{0} min ago", Math.floor(seconds / minute));
  if (seconds < 2 * day) return l10n.t("{0} h ago", Math.floor(seconds / hour));
  return l10n.t("{0} days ago", Math.floor(seconds / day));
}

function modeText(mode: CopyMode): string {
  return mode === "smart" ? l10n.t("smart") : l10n.t("mirror");
}

/** The title of a root: its folder and its host. */
export function syncTitle({ host, root }: Sync): string {
  const name = isThisMachine({ host }) ? l10n.t("this machine") : host;
  return displayText(`${posix.basename(root) || root} · ${name}`);
}

/** The state of a synced root, how old its copy is, and what is missing in it. */
export function syncStateText(sync: Sync): string {
  const { state, mode, wanted } = sync;
  if (mode === "in-place") return inPlaceText(sync);
  const age = copiedText(sync);
  switch (state.kind) {
    case "stopped":
      return wanted
        ? l10n.t("{0} paused, {1}", modeText(mode), age)
        : l10n.t("{0} stopped, {1}", modeText(mode), age);
    case "scanning":
      return l10n.t("{0}, looking for changes…", modeText(mode));
    case "transferring":
      return l10n.t("{0}, {1} of {2} files…", modeText(mode), state.doneFiles, state.totalFiles);
    case "waiting":
      return l10n.t("{0}, {1}", modeText(mode), age);
    case "offline":
      return l10n.t("not connected, {0}", age);
    case "failed":
      return sentences(describeFailure(state.failure).message, age);
  }
}

/** Step of the progress on a row, in percent. */
const progressStep = 10;

/** The same for a row, with progress in steps of ten percent. */
export function syncRowText(sync: Sync): string {
  const { state, mode } = sync;
  if (state.kind !== "transferring" || mode === "in-place") return syncStateText(sync);
  const { doneBytes, totalBytes, doneFiles, totalFiles } = state;
  const share = totalBytes > 0 ? doneBytes / totalBytes : doneFiles / Math.max(1, totalFiles);
  const percent = Math.floor((Math.min(share, 1) * 100) / progressStep) * progressStep;
  return l10n.t("{0}, copying, {1} %", modeText(mode), percent);
}

/** How old a copy is, and what is missing in it. */
function copiedText({ syncedAt, skipped }: Sync): string {
  const updated =
    syncedAt === undefined ? l10n.t("nothing copied yet") : l10n.t("updated {0}", ageText(syncedAt));
  return skipped.length === 0 ? updated : l10n.t("{0}, not copied: {1}", updated, skipped.length);
}

/** The state of a root in mode `in-place`. Its age does not matter while it is followed. */
function inPlaceText(sync: Sync): string {
  const { skipped, syncedAt } = sync;
  const parts = [
    l10n.t("on this machine"),
    ...followingTexts(sync),
    ...(sync.state.kind === "waiting" || syncedAt === undefined
      ? []
      : [l10n.t("listed {0}", ageText(syncedAt))]),
    ...(skipped.length > 0 ? [l10n.t("not readable: {0}", skipped.length)] : []),
  ];
  return parts.join(" · ");
}

function followingTexts({ state, wanted }: Sync): readonly string[] {
  switch (state.kind) {
    case "waiting":
      return [];
    case "stopped":
      return [wanted ? l10n.t("paused") : l10n.t("stopped")];
    case "scanning":
    case "transferring":
      return [l10n.t("looking for changes…")];
    case "offline":
      return [l10n.t("not connected")];
    case "failed":
      return [describeFailure(state.failure).message];
  }
}

/** A number with four significant digits. */
export function numberText(value: number): string {
  return Number(value.toPrecision(4)).toString();
}

/** The text of a run's status. */
export function statusText(status: string): string {
  switch (status) {
    case "running":
      return l10n.t("running");
    case "finished":
      return l10n.t("finished");
    case "failed":
      return l10n.t("failed");
    case "interrupted":
      return l10n.t("interrupted");
    default:
      return displayText(status);
  }
}

/** Problems first, then the best metric, with its value before its name, and the age; for a running run, since when. */
export function runDescription({ bestMetric, createdAt, status, sign, damaged }: Run): string {
  const age = createdAt === undefined ? undefined : ageText(createdAt * 1000);
  const parts = [
    ...(sign?.kind === "silent" ? [silenceText(sign.since)] : []),
    ...(damaged.length > 0 ? [l10n.t("damaged files")] : []),
    ...(bestMetric ? [`${numberText(bestMetric.value)} ${displayText(bestMetric.name)}`] : []),
    ...(status === "running"
      ? [age === undefined ? statusText(status) : l10n.t("running, started {0}", age)]
      : age === undefined
        ? []
        : [age]),
  ];
  return parts.join(" · ");
}

/** Status and description, for places without an icon. The description of a running run contains its status. */
export function runStateText(run: Run): string {
  const status = run.status === "running" ? "" : statusText(run.status);
  return [status, runDescription(run)].filter(Boolean).join(" · ");
}

/** @param since seconds since the epoch. */
function silenceText(since: number): string {
  return l10n.t("wrote last {0}", ageText(since * 1000));
}

function signText(sign: RunSign): string {
  return sign.kind === "silent"
    ? l10n.t("It says that it is running, and {0}.", silenceText(sign.since))
    : l10n.t("Its process is gone: it was killed, or its machine was started again.");
}

/** The lines of a run's tooltip. */
export function runDetails(run: Run): readonly string[] {
  const date = (seconds: number): string => dateTimeText(seconds * 1_000);
  const summary = Object.entries(JSON.parse(run.summary) as Record<string, unknown>).slice(0, 20);
  return [
    displayText(run.path),
    l10n.t("Run {0}", displayText(run.id)),
    l10n.t("Status: {0}", statusText(run.status)),
    ...(run.sign ? [signText(run.sign)] : []),
    ...(run.damaged.length > 0 ? [l10n.t("Damaged on the host: {0}", run.damaged.join(", "))] : []),
    ...(run.createdAt === undefined ? [] : [l10n.t("Started: {0}", date(run.createdAt))]),
    ...(run.endedAt === undefined ? [] : [l10n.t("Ended: {0}", date(run.endedAt))]),
    ...(run.tags.length > 0 ? [l10n.t("Tags: {0}", displayText(run.tags.join(", ")))] : []),
    ...summary.map(([name, value]) => displayText(`${name}: ${JSON.stringify(value)}`).slice(0, 120)),
    ...(run.isShortened ? [l10n.t("Its files tell more than is kept here.")] : []),
  ];
}

/** The alias of a run, or the distinctive part of its id, as in Runicorn's own lists. */
export function runLabel({ alias, id }: Pick<Run, "alias" | "id">): string {
  return displayText(alias ?? /^\d{8}_\d{6}_([0-9a-f]{6})$/.exec(id)?.[1] ?? id);
}
