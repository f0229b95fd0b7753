import { displayText } from "../../common/text/displayText.js";
import { sizeText } from "../../common/text/sizeText.js";
import type { ColumnKind, RunValue } from "../runTable.js";

/** UTF-16 units of a value that are shown in a cell. */
const longestText = 120;

/** A value as a cell shows it. */
export type ValueText = (value: RunValue | undefined, kind: ColumnKind) => string;

/** @param language of dates, as VS Code names it. */
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

/** Seconds since the epoch that a date can tell. */
const latestTime = 8.64e12;

function knownLanguage(language: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(language)[0];
  } catch {
    return undefined;
  }
}

/** At most so many characters, fit for a screen. */
export function shortText(text: string, longest = longestText): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return displayText(cut);
}

/** Whole numbers with all their digits, others with five of them. */
export function numberText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "-∞";
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value);
  return String(Number(value.toPrecision(5)));
}

/** `2d 3h`, `1h 05m`, `4m 03s`, `12s`, `0.4s`. @param seconds may be below 0, by clocks that were set. */
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
