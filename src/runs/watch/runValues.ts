import type { LocalPath } from "../../common/files/regularFile.js";
import { createGrowingLines } from "../../charts/growingLines.js";
import { readEvent } from "../../charts/metrics.js";
import type { NotFinite, ValueFacts } from "./judge.js";
import { isReached, parseThreshold, type Threshold } from "./threshold.js";

/** What the values of one run tell, read from its `events.jsonl` as that grows; of the values themselves nothing is kept. */
export interface RunValues {
  readonly facts: ValueFacts;
  /** Reads what is new in the file; begins anew where it was rewritten. */
  update(signal?: AbortSignal): Promise<void>;
}

/** Intervals between values of which the usual one is told. */
const mostIntervals = 100;
/** With fewer, nothing is usual. */
const fewestIntervals = 3;

/** @param file absolute path. @param thresholds as `thresholdText` writes them; what is none is left out. */
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

  /** @returns whether it is a line of Runicorn's. */
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

/** Python writes words that JSON does not know, and what they said is in the line. */
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
