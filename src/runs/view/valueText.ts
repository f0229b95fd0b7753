import { displayText } from "../../common/text/displayText.js";
import { sizeText } from "../../common/text/sizeText.js";
import type { ColumnKind, RunValue } from "../runTable.js";

/** Maximum length of a value in a cell, in UTF-16 units. */
const longestText = 120;

/** The text of a value in a cell. */
export type ValueText = (value: RunValue | undefined, kind: ColumnKind) => string;

/** @param language for dates: VS Code's display language. */
export function createValueText(language: string): ValueText {
  const dates = new Intl.DateTimeFormat(knownLanguage(language), { dateStyle: "short", timeStyle: "short" });
  return (value, kind) => {
    if (value === undefined) return "";
    if (typeof value !== "number") return shortText(String(value));
    if (!Number.isFinite(value)) return numberText(value);
    switch (kind) {
      case "time":
        return Math.abs(value) < latestTime ? dates.format(value * 1000) : numberText(value);
      case "duration":
        return durationText(value);
      case "bytes":
        return value >= 0 ? sizeText(value) : numberText(value);
      default:
        return numberText(value);
    }
  };
}

/** Seconds since the epoch that a `Date` can represent. */
const latestTime = 8.64e12;

function knownLanguage(language: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(language)[0];
  } catch {
    return undefined;
  }
}

/** Truncates a text, and makes it safe to display. */
export function shortText(text: string, longest = longestText): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return displayText(cut);
}

/** Integers with all digits, other numbers with five. */
export function numberText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "-∞";
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value);
  return String(Number(value.toPrecision(5)));
}

/** Formats `2d 3h`, `1h 05m`, `4m 03s`, `12s`, `0.4s`. @param seconds may be negative after a clock was set. */
export function durationText(seconds: number): string {
  if (seconds < 0) return `-${durationText(-seconds)}`;
  if (seconds < 10) return `${Number(seconds.toPrecision(2))}s`;
  const whole = Math.round(seconds);
  const two = (value: number): string => String(value).padStart(2, "0");
  const [days, hours, minutes] = [
    Math.floor(whole / 86_400),
    Math.floor(whole / 3_600) % 24,
    Math.floor(whole / 60) % 60,
  ];
  if (days > 0) return `${days}d ${hours}h`;
  if (hours > 0) return `${hours}h ${two(minutes)}m`;
  return minutes > 0 ? `${minutes}m ${two(whole % 60)}s` : `${whole}s`;
}
