import type { LocalPath } from "../../common/files/regularFile.js";
import { createGrowingLines } from "../../charts/growingLines.js";
import { readEvent } from "../../charts/metrics.js";
import type { NotFinite, ValueFacts } from "./judge.js";
import { isReached, parseThreshold, type Threshold } from "./threshold.js";

/** Facts about the values of one run, read from its growing `events.jsonl`. Does not keep the values. */
export interface RunValues {
  readonly facts: ValueFacts;
  /** Reads what is new in the file; starts over if it was rewritten. */
  update(signal?: AbortSignal): Promise<void>;
}

/** Number of recent intervals that determine the usual one. */
const mostIntervals = 100;
/** Minimum number of intervals for a usual one. */
const fewestIntervals = 3;

/** @param file absolute path. @param thresholds as `thresholdText` writes them; invalid ones are ignored. */
export function createRunValues(file: LocalPath, thresholds: readonly string[]): RunValues {
  const byMetric = new Map<string, { readonly text: string; readonly threshold: Threshold }[]>();
  for (const text of thresholds) {
    const threshold = parseThreshold(text);
    if (!threshold) continue;
    byMetric.set(threshold.metric, [...(byMetric.get(threshold.metric) ?? []), { text, threshold }]);
  }
  let firstNotFinite: NotFinite | undefined;
  let reached = new Map<string, { step: number; value: number }>();
  let lastAt: number | undefined;
  let intervals: number[] = [];
  let count = 0;

  const reset = (): void => {
    firstNotFinite = undefined;
    reached = new Map();
    lastAt = undefined;
    intervals = [];
    count = 0;
  };
  const noteTime = (time: number | undefined): void => {
    if (time === undefined || !Number.isFinite(time)) return;
    if (lastAt !== undefined && time > lastAt) {
      intervals.push(time - lastAt);
      if (intervals.length > mostIntervals) intervals.shift();
    }
    lastAt = Math.max(lastAt ?? time, time);
  };
  const noteValue = (metric: string, value: number | null, step: number, line: string): void => {
    if (value !== null && Number.isFinite(value)) {
      for (const { text, threshold } of byMetric.get(metric) ?? []) {
        if (!reached.has(text) && isReached(threshold, value)) reached.set(text, { step, value });
      }
      return;
    }
    firstNotFinite ??= { metric, step, value: writtenValue(line, metric, value) };
  };

  /** @returns whether it is a valid line. */
  const onLine = (line: string): boolean => {
    const event = readEvent(line);
    if (typeof event === "string") return event === "other";
    count += 1;
    noteTime(event.time);
    for (const [name, value] of event.values) noteValue(name, value, event.step ?? count, line);
    return true;
  };
  const lines = createGrowingLines(file, {
    onLine: (line) => void onLine(line),
    onLast: onLine,
    onReset: reset,
  });
  return {
    get facts() {
      return { firstNotFinite, reached, lastAt, usualInterval: usualOf(intervals) };
    },
    update: async (signal) => void (await lines.read(signal)),
  };
}

/**
 * Which value was logged: Python writes `Infinity` and `NaN`, which JSON does not know, and only the line tells them
 * apart.
 */
function writtenValue(line: string, metric: string, value: number | null): NotFinite["value"] {
  if (value === Number.POSITIVE_INFINITY) return "Infinity";
  if (value === Number.NEGATIVE_INFINITY) return "-Infinity";
  const name = JSON.stringify(metric);
  const at = line.indexOf(`${name}:`);
  const written =
    at < 0 ? undefined : /^\s*(-?Infinity)/.exec(line.slice(at + name.length + 1, at + name.length + 40));
  return (written?.[1] as NotFinite["value"] | undefined) ?? "NaN";
}

function usualOf(intervals: readonly number[]): number | undefined {
  if (intervals.length < fewestIntervals) return undefined;
  const sorted = [...intervals].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.9))];
}
