/**
 * The exponential average over places that may lie apart unevenly: the value at a place is the mean of it and all before
 * it, each with the weight `weight ** (distance / usual)`, where `usual` is the mean distance of two places. Over even
 * places that is the usual exponential average, corrected for its start. What is no finite number stays and adds nothing.
 * @param xs rising.
 * @param weight of what lies one usual distance before; from 0, below 1.
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
