/**
 * Exponential moving average for uneven distances: a value becomes the mean of itself and all before it, weighted by
 * `weight ** (distance / usual)`, where `usual` is the mean distance of two values. For even distances this is the
 * common one with bias correction. Values that are not finite are kept, and contribute nothing.
 * @param xs ascending.
 * @param weight of a value one usual distance before; from 0 to below 1.
 */
export function smooth(xs: ArrayLike<number>, ys: Float64Array, weight: number): Float64Array {
  const smoothed = Float64Array.from(ys);
  const usual = ((xs[xs.length - 1] ?? 0) - (xs[0] ?? 0)) / Math.max(1, xs.length - 1);
  let [sum, total, last] = [0, 0, xs[0] ?? 0];
  for (let index = 0; index < ys.length; index += 1) {
    const y = ys[index] ?? Number.NaN;
    if (!Number.isFinite(y)) continue;
    const x = xs[index] ?? last;
    const kept = usual > 0 ? weight ** ((x - last) / usual) : weight;
    last = x;
    sum = sum * kept + y;
    total = total * kept + 1;
    smoothed[index] = sum / total;
  }
  return smoothed;
}
