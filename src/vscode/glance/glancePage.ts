import { hostName } from "../../messages/hostName.js";
import { isThisMachine } from "../../ssh/model/thisMachine.js";
import * as l10n from "@vscode/l10n";
import { displayText } from "../../common/text/displayText.js";
import type { Glance, Sample } from "../../glance/glances.js";
import type { Training } from "../../glance/trainings.js";
import { timeText } from "../../messages/language/dateText.js";
import { describeFailure } from "../../messages/describeFailure.js";
import { gpuCells, gpuHeadings, gpuNotes, machineFacts } from "../../messages/glance/hostStatusWords.js";
import type { Run } from "../../sync/runIndex/runs.js";
import type { Host } from "../connections/hosts.js";
import { hostStateText } from "../connections/hostWords.js";
import { ageText, runLabel } from "../runKit/runWords.js";
import type { Cell, GlancePage, HostCard, Line, Table } from "./toGlancePage.js";

/**
 * Builds the content of the page.
 * @param glanceOf the glance of a connection's host.
 * @param runOf finds the copied run.
 */
export function glancePage(
  hosts: readonly Host[],
  glanceOf: (connectionId: string) => Glance | undefined,
  runOf: (training: Training) => Run | undefined,
): GlancePage {
  return {
    title: l10n.t("Hosts at a Glance"),
    empty: l10n.t("No host is connected."),
    hosts: hosts.map((host) => hostCard(host, host.connection && glanceOf(host.connection.id), runOf)),
  };
}

function hostCard(
  { id, target, saved, connection, state }: Host,
  glance: Glance | undefined,
  runOf: (training: Training) => Run | undefined,
): HostCard {
  const card = {
    id,
    name: isThisMachine(target) ? hostName(target.host) : displayText(saved?.name ?? target.host),
    facts: [],
    tables: [],
    notes: [],
  };
  if (!connection) return { ...card, detail: hostStateText(state) };
  const failed = glance?.failure ? [describeFailure(glance.failure).message] : [];
  if (!glance?.status || glance.at === undefined)
    return { ...card, detail: failed.length > 0 ? "" : l10n.t("asking…"), notes: failed };
  const { status, roots, trainings, samples } = glance;
  return {
    ...card,
    detail: l10n.t("as of {0}", timeText(glance.at)),
    facts: machineFacts(status, roots).map((fact, index) => {
      const line = [loadLine, memoryLine][index]?.(samples);
      return line ? { ...fact, line } : fact;
    }),
    tables: [
      ...(status.gpus.length > 0 ? [gpuTable(glance)] : []),
      ...(trainings.length > 0 ? [trainingTable(trainings, runOf)] : []),
    ],
    notes: [
      ...failed,
      ...gpuNotes(status),
      ...(trainings.length === 0
        ? [l10n.t("No training: none of the runs that are synced to this machine is running there.")]
        : []),
    ],
  };
}

function gpuTable({ status, samples }: Glance): Table {
  const gpus = status?.gpus ?? [];
  return {
    caption: l10n.t("GPUs"),
    headings: gpuHeadings(),
    rows: gpus.map((gpu, index) => {
      const line = lineOf(l10n.t("Use of GPU {0}", gpu.index), samples, (sample) => sample.gpus[index], 1);
      // The third column is the utilization.
      return gpuCells(gpu).map((text, column): Cell => (column === 2 && line ? { text, line } : { text }));
    }),
  };
}

function trainingTable(
  trainings: readonly Training[],
  runOf: (training: Training) => Run | undefined,
): Table {
  return {
    caption: l10n.t("Running trainings"),
    headings: [l10n.t("Run"), l10n.t("GPU"), l10n.t("Process"), l10n.t("Started"), l10n.t("Actions")],
    rows: trainings.map((training) => trainingRow(training, runOf(training))),
  };
}

function trainingRow({ run, pid, user, gpus }: Training, copied: Run | undefined): Cell[] {
  const name = copied ? runLabel(copied) : displayText(run.id);
  const button = { syncId: run.syncId, folder: run.folder };
  return [
    { text: name },
    { text: gpus.map(({ index }) => index).join(", ") || l10n.t("none") },
    { text: `${displayText(user)} (${pid})` },
    { text: run.startedAt === undefined ? "" : ageText(run.startedAt * 1000) },
    {
      text: "",
      buttons: [
        { ...button, action: "charts", label: l10n.t("Charts"), name: l10n.t("Charts of {0}", name) },
        { ...button, action: "viewer", label: l10n.t("Viewer"), name: l10n.t("Viewer with {0}", name) },
      ],
    },
  ];
}

function loadLine(samples: readonly Sample[]): Line | undefined {
  return lineOf(l10n.t("Load"), samples, ({ load }) => load, undefined);
}

function memoryLine(samples: readonly Sample[]): Line | undefined {
  return lineOf(l10n.t("Memory"), samples, ({ memory }) => memory, 1);
}

/**
 * A sparkline of one figure; undefined with fewer than two values.
 * @param top the maximum of the axis; undefined: 1 (all cores busy), or the highest value if larger.
 */
function lineOf(
  label: string,
  samples: readonly Sample[],
  figureOf: (sample: Sample) => number | undefined,
  top: number | undefined,
): Line | undefined {
  const told = samples.flatMap((sample) => {
    const figure = figureOf(sample);
    return figure === undefined ? [] : [{ at: sample.at, figure }];
  });
  const [first, last] = [told[0], told.at(-1)];
  if (!first || !last || told.length < 2 || last.at <= first.at) return undefined;
  const figures = told.map(({ figure }) => figure);
  const highest = Math.max(...figures);
  const height = top ?? Math.max(1, highest);
  const percent = (figure: number): number => Math.round(figure * 100);
  return {
    text: l10n.t(
      "{0}, in the last {1} min: from {2} % to {3} %, now {4} %",
      label,
      Math.max(1, Math.round((last.at - first.at) / 60_000)),
      percent(Math.min(...figures)),
      percent(highest),
      percent(last.figure),
    ),
    points: told.map(({ at, figure }) => [
      (at - first.at) / (last.at - first.at),
      Math.min(1, figure / height),
    ]),
  };
}
