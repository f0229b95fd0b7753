import type { Chart, ChartLine, ChartPart } from "./chart.js";

/** Maximum bytes of one message: well below 1 MiB, including its envelope. */
const largestMessage = 900_000;

/** Packs charts into as few messages as hold them, each below `largestMessage` bytes of JSON. */
export function* packCharts(
  charts: Iterable<Chart>,
  largest = largestMessage,
): Iterable<readonly ChartPart[]> {
  let [parts, size]: [ChartPart[], number] = [[], 0];
  for (const { metric, lines } of charts) {
    let [taken, isFirst]: [ChartLine[], boolean] = [[], true];
    const around = bytesOf(metric) + 100;
    size += around;
    for (const line of lines) {
      const more = bytesOf(line);
      if (size + more > largest && size > around) {
        if (taken.length > 0) parts.push({ metric, lines: taken, isFirst, isLast: false });
        if (taken.length > 0) isFirst = false;
        yield parts;
        [parts, size, taken] = [[], around, []];
      }
      taken.push(line);
      size += more;
    }
    parts.push({ metric, lines: taken, isFirst, isLast: true });
  }
  if (parts.length > 0) yield parts;
}

/** Packs names, in their order, into messages as `packCharts` does. */
export function* packNames<T>(names: Iterable<T>, largest = largestMessage): Iterable<readonly T[]> {
  let [batch, size]: [T[], number] = [[], 0];
  for (const name of names) {
    const more = bytesOf(name);
    if (size + more > largest && batch.length > 0) {
      yield batch;
      [batch, size] = [[], 0];
    }
    batch.push(name);
    size += more;
  }
  yield batch;
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value)) + 1;
}
