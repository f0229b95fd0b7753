import { percentFrom } from "../../src/runs/compare/percentFrom.js";

/** Formats the difference to the baseline in per cent; empty if it is zero or not meaningful. */
export function percentText(baseline: number | null, value: number | null): string {
  const percent = percentFrom(baseline, value);
  if (percent === undefined) return "";
  const digits = Math.abs(percent) >= 100 ? 0 : 1;
  const text = percent.toFixed(digits);
  if (Number(text) === 0) return percent > 0 ? "+<0.1 %" : "−<0.1 %";
  return `${percent > 0 ? "+" : "−"}${text.replace("-", "")} %`;
}
