import { open } from "node:fs/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import { parsePythonJson } from "./pythonJson.js";

/** The values of one metric in the order in which they were logged, in growing arrays. */
export interface Series {
  readonly length: number;
  /** Step of each value, as the run counted it, or its place where it did not. */
  readonly steps: Float64Array;
  /** Seconds since the epoch by the host's clock. */
  readonly times: Float64Array;
  /** NaN where the run logged no number. */
  readonly values: Float64Array;
}

/** Every metric that a run logged, read from its `events.jsonl` as that grows. */
export interface Metrics {
  /** By name; the same objects grow with every update. */
  readonly series: ReadonlyMap<string, Series>;
  /**
   * Reads what is new in the file; begins anew when it shrank. Yields now and then, so that a large file holds nothing up.
   * @returns whether anything changed.
   */
  update(signal?: AbortSignal): Promise<boolean>;
}

const readSize = 1 << 20;
/** Bytes of a line that can be an event: what is longer is skipped. */
const longestLine = 16 << 20;
/** Names that a run logs beside its metrics. */
const notMetrics = new Set(["global_step", "step", "time", "stage"]);

/** @param file absolute path of a local `events.jsonl`; missing is empty. */
export function createMetrics(file: string | Buffer): Metrics {
  const series = new Map<string, GrowingSeries>();
  let offset = 0;
  let rest = Buffer.alloc(0);
  let skipping = false;

  const reset = (): void => {
    series.clear();
    offset = 0;
    rest = Buffer.alloc(0);
    skipping = false;
  };

  const takeLine = (line: string): void => {
    const event = readEvent(line);
    if (!event) return;
    for (const [name, value] of Object.entries(event.data)) {
      if (notMetrics.has(name)) continue;
      const isNumber = typeof value === "number";
      if (!isNumber && value !== null) continue;
      let one = series.get(name);
      if (!one) series.set(name, (one = createSeries()));
      one.push(event.step ?? one.length + 1, event.time, isNumber ? value : Number.NaN);
    }
  };

  const takeBytes = (bytes: Buffer): void => {
    const all = rest.length > 0 ? Buffer.concat([rest, bytes]) : bytes;
    let from = 0;
    for (let end = all.indexOf(10); end >= 0; end = all.indexOf(10, from)) {
      if (!skipping) takeLine(all.toString("utf8", from, end));
      skipping = false;
      from = end + 1;
    }
    rest = Buffer.from(all.subarray(from));
    if (rest.length <= longestLine) return;
    rest = Buffer.alloc(0);
    skipping = true;
  };

  return {
    series,
    update: async (signal) => {
      const opened = await open(file, "r").catch(() => undefined);
      if (!opened) return false;
      try {
        const { size } = await opened.stat();
        if (size < offset) reset();
        const before = offset;
        const buffer = Buffer.allocUnsafe(readSize);
        while (!signal?.aborted) {
          const { bytesRead } = await opened.read(buffer, 0, readSize, offset);
          if (bytesRead === 0) break;
          offset += bytesRead;
          takeBytes(buffer.subarray(0, bytesRead));
          await nextTurn();
        }
        return offset !== before;
      } finally {
        await opened.close();
      }
    },
  };
}

interface Event {
  readonly data: Readonly<Record<string, unknown>>;
  readonly step: number | undefined;
  readonly time: number;
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
      time: typeof time === "number" ? time : 0,
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
