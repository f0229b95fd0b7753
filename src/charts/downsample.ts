import type { Points } from "./chart.js";

/**
 * Downsamples a line: keeps the first, lowest, highest and last point of each bucket, so that it looks the same and
 * keeps every peak, and the last value that is not finite. Up to five points per bucket.
 * @param xs ascending; points outside `from..to` are left out, except for the nearest on either side.
 */
export function downsample(
  xs: Float64Array,
  ys: Float64Array,
  buckets: number,
  from = Number.NEGATIVE_INFINITY,
  to = Number.POSITIVE_INFINITY,
): Points {
  const first = Math.max(0, lowerBound(xs, from) - 1);
  const last = Math.min(xs.length, lowerBound(xs, to) + 2);
  const count = last - first;
  const kept: number[] = [];
  if (count <= buckets * 4) for (let index = first; index < last; index += 1) kept.push(index);
  else {
    for (let bucket = 0; bucket < buckets; bucket += 1) {
      const start = first + Math.floor((count * bucket) / buckets);
      const end = first + Math.floor((count * (bucket + 1)) / buckets);
      kept.push(...tellingPoints(ys, start, end));
    }
  }
  return {
    xs: kept.map((index) => xs[index] ?? 0),
    ys: kept.map((index) => {
      const y = ys[index] ?? Number.NaN;
      return Number.isFinite(y) ? y : null;
    }),
  };
}

function tellingPoints(ys: Float64Array, start: number, end: number): number[] {
  let lowest = start;
  let highest = start;
  let gap = -1;
  for (let index = start; index < end; index += 1) {
    const y = ys[index] ?? Number.NaN;
    if (!Number.isFinite(y)) gap = index;
    if (y < (ys[lowest] ?? Number.NaN) || Number.isNaN(ys[lowest])) lowest = index;
    if (y > (ys[highest] ?? Number.NaN) || Number.isNaN(ys[highest])) highest = index;
  }
  const kept = new Set([start, lowest, highest, end - 1]);
  if (gap >= 0) kept.add(gap);
  return [...kept].sort((a, b) => a - b);
}

/** The first index whose value is not below `wanted`. */
function lowerBound(xs: Float64Array, wanted: number): number {
  let low = 0;
  let high = xs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((xs[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
