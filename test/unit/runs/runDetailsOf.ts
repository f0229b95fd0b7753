import type { MetricFigures, RunDetails } from "../../../src/runs/runDetails.js";
import type { RunValue } from "../../../src/runs/runTable.js";
import type { Run } from "../../../src/sync/runIndex/runs.js";
import { runWith } from "../../support/runs/runTable.js";

type Given = Partial<Omit<RunDetails, "run" | "parameters" | "summary" | "metrics" | "environment">> & {
  readonly run?: Partial<Run>;
  readonly parameters?: Readonly<Record<string, RunValue>>;
  readonly summary?: Readonly<Record<string, RunValue>>;
  readonly environment?: Readonly<Record<string, RunValue>>;
  readonly metrics?: Readonly<Record<string, MetricFigures>>;
};

/** What is known of a run that has what is given. */
export function detailsOf(given: Given): RunDetails {
  const { run, parameters = {}, summary = {}, environment = {}, metrics = {}, ...others } = given;
  return {
    run: { ...plainRun, ...run },
    parameters: new Map(Object.entries(parameters)),
    summary: new Map(Object.entries(summary)),
    environment: new Map(Object.entries(environment)),
    metrics: new Map(Object.entries(metrics)),
    note: undefined,
    code: undefined,
    command: undefined,
    files: [],
    bytes: 0,
    skipped: [],
    ...others,
  };
}

export function figures(given: Partial<MetricFigures>): MetricFigures {
  const plain = { count: 1, last: 0, lastStep: 0, min: undefined, max: undefined, best: undefined };
  return { ...plain, firstNotFinite: undefined, ...given };
}

const plainRun = runWith({
  syncId: "0".repeat(24),
  id: "20260101_000000_abcdef",
  folder: "runs/cv/demo/20260101_000000_abcdef",
  path: "cv/demo",
  project: "cv",
  name: "demo",
  createdAt: 1_767_225_600,
  startedAt: 1_767_225_600,
  endedAt: 1_767_225_720,
});
