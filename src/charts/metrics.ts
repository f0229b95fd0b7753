import { parsePythonJson } from "../common/text/pythonJson.js";
import { createGrowingLines } from "./growingLines.js";

/** The values of one metric in the order in which they were logged, in growing arrays. */
export interface Series {
  readonly length: number;
  /** Step of each value, as the run counted it, or its place where it did not. */
  readonly steps: Float64Array;
  /** Seconds since the epoch by the host's clock; NaN for values before the first that has a time. */
  readonly times: Float64Array;
  /** NaN where the run logged no number. */
  readonly values: Float64Array;
}

/** Every metric that a run logged, up to ten thousand, read from its `events.jsonl` as that grows. */
export interface Metrics {
  /** By name; the same objects grow with every update. */
  readonly series: ReadonlyMap<string, Series>;
  /**
   * Reads what is new in the file; begins anew when it was rewritten. Yields now and then, so that a large file holds
   * nothing up.
   * @returns whether anything changed.
   */
  update(signal?: AbortSignal): Promise<boolean>;
}

/** Metrics of one run: names beyond these are passed over. */
const mostMetrics = 10_000;
/** Names that a run logs beside its metrics. */
const notMetrics = new Set(["global_step", "step", "time", "stage"]);

/** @param file absolute path of a local `events.jsonl`; missing is empty. */
export function createMetrics(file: string | Buffer): Metrics {
  const series = new Map<string, GrowingSeries>();
  const takeLine = (line: string): void => {
    const event = readEvent(line);
    if (!event) return;
    for (const [name, value] of Object.entries(event.data)) {
      if (notMetrics.has(name)) continue;
      const isNumber = typeof value === "number";
      if (!isNumber && value !== null) continue;
      let one = series.get(name);
      if (!one) {
        if (series.size >= mostMetrics) continue;
        series.set(name, (one = createSeries()));
      }
      const time = event.time ?? one.times.at(-1) ?? Number.NaN;
      one.push(event.step ?? one.length + 1, time, isNumber ? value : Number.NaN);
    }
  };

  const lines = createGrowingLines(file, { onLine: takeLine, onReset: () => series.clear() });
  return { series, update: (signal) => lines.read(signal) };
}

interface Event {
  readonly data: Readonly<Record<string, unknown>>;
  readonly step: number | undefined;
  /** Undefined where the run noted none. */
  readonly time: number | undefined;
}

function readEvent(line: string): Event | undefined {
  try {
    const event = parsePythonJson(line) as Readonly<Record<string, unknown>> | null;
    if (event?.["type"] !== "metrics" || typeof event["data"] !== "object" || event["data"] === null)
      return undefined;
    const data = event["data"] as Readonly<Record<string, unknown>>;
    const step = data["global_step"] ?? data["step"];
    const time = data["time"] ?? event["ts"];
    return {
      data,
      step: typeof step === "number" ? step : undefined,
      time: typeof time === "number" ? time : undefined,
    };
  } catch {
    return undefined;
  }
}

interface GrowingSeries extends Series {
  push(step: number, time: number, value: number): void;
}

function createSeries(): GrowingSeries {
  let length = 0;
  let columns = [0, 1, 2].map(() => new Float64Array(64));
  const column = (index: number): Float64Array => columns[index]?.subarray(0, length) ?? new Float64Array();
  return {
    get length() {
      return length;
    },
    get steps() {
      return column(0);
    },
    get times() {
      return column(1);
    },
    get values() {
      return column(2);
    },
    push: (...row) => {
      if (length === columns[0]?.length) {
        columns = columns.map((old) => {
          const larger = new Float64Array(length * 2);
          larger.set(old);
          return larger;
        });
      }
      columns.forEach((one, index) => (one[length] = row[index] ?? Number.NaN));
      length += 1;
    },
  };
}
