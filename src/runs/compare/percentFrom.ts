type Value = string | number | boolean | null | undefined;

/** How far a value is from the baseline's, in per cent of that; undefined where that says nothing, or they are equal. */
export function percentFrom(baseline: Value, value: Value): number | undefined {
  if (typeof baseline !== "number" || typeof value !== "number") return undefined;
  const percent = ((value - baseline) / Math.abs(baseline)) * 100;
  return Number.isFinite(percent) && percent !== 0 ? percent : undefined;
}
