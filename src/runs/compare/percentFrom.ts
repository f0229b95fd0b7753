type Value = string | number | boolean | null | undefined;

/** Difference of a value from the baseline in percent; undefined if it cannot be computed, or is 0. */
export function percentFrom(baseline: Value, value: Value): number | undefined {
  if (typeof baseline !== "number" || typeof value !== "number") return undefined;
  const percent = ((value - baseline) / Math.abs(baseline)) * 100;
  return Number.isFinite(percent) && percent !== 0 ? percent : undefined;
}
