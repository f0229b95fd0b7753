import { percentFrom } from "../../src/runs/compare/percentFrom.js";

/** How far a value is from the baseline's, in per cent of that, as it is shown; empty where that says nothing, or they are equal. */
export function percentText(baseline: number | null, value: number | null): string {
  const percent = percentFrom(baseline, value);
  if (percent === undefined) return "";
  const digits = Math.abs(percent) >= 100 ? 0 : 1;
  const text = percent.toFixed(digits);
  if (Number(text) === 0) return percent > 0 ? "+<0.1 %" : "−<0.1 %";
  return `${percent > 0 ? "+" : "−"}${text.replace("-", "")} %`;
}
