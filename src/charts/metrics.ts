import type { LocalPath } from "../common/files/regularFile.js";
import { notANumber, parsePythonJsonExactly } from "../common/text/pythonJson.js";
import { createGrowingLines } from "./growingLines.js";

/** The values of one metric in the order of logging, in growing arrays. */
export interface Series {
  readonly length: number;
  /** Step of each value as logged, or its position, from 1, if the run logged none. */
  readonly steps: Float64Array;
  /** Seconds since the epoch by the host's clock; a value without a time gets the one before, or NaN. */
  readonly times: Float64Array;
  /** NaN if the run logged NaN or null. */
  readonly values: Float64Array;
}

/** Which of a run's values are not shown. */
export interface SkippedValues {
  /** Lines that are damaged, or longer than 1 MiB. */
  readonly lines: number;
  /** Whether the last line is incomplete: it is being written, or the run was killed. */
  readonly isCutOff: boolean;
  /** Whether there are more than ten thousand metrics, or names longer than a thousand characters. */
  readonly hasMoreMetrics: boolean;
  /** Values that did not fit into memory. */
  readonly values: number;
}

/** Every metric that a run logged, up to ten thousand, read from its growing `events.jsonl`. */
export interface Metrics {
  /** By name; updates extend the same objects. */
  readonly series: ReadonlyMap<string, Series>;
  readonly skipped: SkippedValues;
  /**
   * Reads what was appended; starts over if the file was rewritten. Yields to other events between pieces.
   * @returns whether anything changed.
   */
  update(signal?: AbortSignal): Promise<boolean>;
  /** Gives the memory of its values back to the budget. */
  dispose(): void;
}

/** Maximum number of metrics of one run; others are skipped. */
const mostMetrics = 10_000;
const longestName = 1_000;
/** Names in the data of an event that are not metrics. */
const notMetrics = new Set(["global_step", "step", "time", "stage"]);

/**
 * @param file absolute path of a local `events.jsonl`; may be missing.
 * @param room the memory budget; default: no limit.
 */
export function createMetrics(file: LocalPath, room: MemoryRoom = memoryRoom(Infinity)): Metrics {
  const series = new Map<string, GrowingSeries>();
  let skipped = nothingSkipped();
  let bytes = 0;
  const take = (more: number): boolean => {
    if (!room.take(more)) return false;
    bytes += more;
    return true;
  };
  const seriesOf = (name: string): GrowingSeries | undefined => {
    const present = series.get(name);
    if (present) return present;
    if (series.size >= mostMetrics || name.length > longestName) {
      skipped.hasMoreMetrics = true;
      return undefined;
    }
    const made = createSeries(take);
    series.set(name, made);
    return made;
  };
  const onEvent = (event: ReturnType<typeof readEvent>): void => {
    if (typeof event === "string") return;
    for (const [name, value] of event.values) {
      const one = seriesOf(name);
      if (!one) continue;
      const time = event.time ?? one.times.at(-1) ?? Number.NaN;
      if (!one.push(event.step ?? one.length + 1, time, value ?? Number.NaN)) skipped.values += 1;
    }
  };
  const forget = (): void => {
    series.clear();
    room.take(-bytes);
    bytes = 0;
    skipped = nothingSkipped();
  };

  const onLine = (line: string): void => {
    const event = readEvent(line);
    if (event === "damaged") skipped.lines += 1;
    onEvent(event);
  };
  const onLast = (text: string): boolean => {
    const event = readEvent(text);
    onEvent(event);
    return event !== "damaged";
  };
  const onTooLong = (): void => void (skipped.lines += 1);
  const lines = createGrowingLines(file, { onLine, onLast, onReset: forget, onTooLong });
  return {
    series,
    get skipped() {
      return { ...skipped, isCutOff: lines.isCutOff };
    },
    update: (signal) => lines.read(signal),
    dispose: forget,
  };
}

function nothingSkipped() {
  return { lines: 0, hasMoreMetrics: false, values: 0 };
}

/** A budget of bytes that several runs may share. */
export interface MemoryRoom {
  /** @returns false, and takes nothing, if fewer are left. */
  take(bytes: number): boolean;
}

export function memoryRoom(bytes: number): MemoryRoom {
  let left = bytes;
  return {
    take: (more) => {
      if (more > left) return false;
      left -= more;
      return true;
    },
  };
}

/** The metrics in one line of `events.jsonl`. */
export interface LoggedEvent {
  /** By name; null if logged as `null`. */
  readonly values: readonly (readonly [name: string, value: number | null])[];
  readonly step: number | undefined;
  /** Undefined if the run logged none. */
  readonly time: number | undefined;
}

/** @returns `other` for an empty line, or another kind of event. */
export function readEvent(line: string): LoggedEvent | "damaged" | "other" {
  if (line.trim() === "") return "other";
  try {
    const event = parsePythonJsonExactly(line) as Readonly<Record<string, unknown>> | null;
    if (typeof event !== "object" || event === null) return "damaged";
    if (event["type"] !== "metrics" || typeof event["data"] !== "object" || event["data"] === null)
      return "other";
    const data = event["data"] as Readonly<Record<string, unknown>>;
    const step = data["global_step"] ?? data["step"];
    const time = data["time"] ?? event["ts"];
    return {
      values: Object.entries(data).flatMap(([name, value]) => {
        const number = value === notANumber ? Number.NaN : value;
        const isValue = !notMetrics.has(name) && (typeof number === "number" || number === null);
        return isValue ? [[name, number] as const] : [];
      }),
      step: typeof step === "number" && Number.isFinite(step) ? step : undefined,
      time: typeof time === "number" && Number.isFinite(time) ? time : undefined,
    };
  } catch {
    return "damaged";
  }
}

interface GrowingSeries extends Series {
  /** @returns false if it does not fit into memory. */
  push(step: number, time: number, value: number): boolean;
}

const bytesOfRow = 3 * Float64Array.BYTES_PER_ELEMENT;
const firstRows = 16;

/** @param take reserves bytes; returns false if there are not enough. */
function createSeries(take: (bytes: number) => boolean): GrowingSeries {
  let length = 0;
  let columns = [0, 1, 2].map(() => new Float64Array(0));
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
        const rows = Math.max(firstRows, length * 2);
        if (!take((rows - length) * bytesOfRow)) return false;
        columns = columns.map((old) => {
          const larger = new Float64Array(rows);
          larger.set(old);
          return larger;
        });
      }
      columns.forEach((one, index) => (one[length] = row[index] ?? Number.NaN));
      length += 1;
      return true;
    },
  };
}
