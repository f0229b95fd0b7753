import * as l10n from "@vscode/l10n";
import { locale } from "../language/dateText.js";

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;
/** Milliseconds. */
const week = 7 * day * 1_000;
/** The same, until a month is another one of that name. */
const months = 300 * day * 1_000;

/** Formats a duration in its two largest units. Rounds down to minutes, so as not to promise too much. */
export function spanText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < minute) return l10n.t("less than 1 min");
  const [days, hours, minutes] = [
    Math.floor(whole / day),
    Math.floor((whole % day) / hour),
    Math.floor((whole % hour) / minute),
  ];
  if (days > 0) return hours > 0 ? l10n.t("{0} d {1} h", days, hours) : l10n.t("{0} d", days);
  if (hours > 0) return minutes > 0 ? l10n.t("{0} h {1} min", hours, minutes) : l10n.t("{0} h", hours);
  return l10n.t("{0} min", minutes);
}

/** Formats a job's remaining time, from an hour on in steps of five minutes. @param until milliseconds since the epoch. */
export function leftText(until: number, now = Date.now()): string {
  const seconds = (until - now) / 1_000;
  return l10n.t("{0} left", spanText(seconds < hour ? seconds : seconds - (seconds % (5 * minute))));
}

/**
 * Formats a job's expected start: a time for today, a weekday for this week, or a date, with its year if it is far.
 * @param at milliseconds since the epoch.
 * @param locales for `Intl`. Default: as the texts.
 */
export function expectedText(at: number, now = Date.now(), locales = locale()): string {
  // Slurm's estimate may be in the past.
  if (at <= now) return l10n.t("expected at any moment");
  const isToday = new Date(at).toDateString() === new Date(now).toDateString();
  const when: Intl.DateTimeFormatOptions = isToday
    ? {}
    : at - now < week
      ? { weekday: "short" }
      : { day: "numeric", month: "short", ...(at - now > months && { year: "numeric" }) };
  const text = new Intl.DateTimeFormat(locales, { ...when, hour: "numeric", minute: "2-digit" }).format(at);
  return l10n.t("expected about {0}", text);
}
