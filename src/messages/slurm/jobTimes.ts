import * as l10n from "@vscode/l10n";

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;
/** Milliseconds. */
const week = 7 * day * 1_000;

/** A span of time in its two largest units, whole minutes rounded down: nobody is to be told that there is more of it. */
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

/** The time that is left to a job, in steps of five minutes while it is long. @param until milliseconds since the epoch. */
export function leftText(until: number, now = Date.now()): string {
  const seconds = (until - now) / 1_000;
  return l10n.t("{0} left", spanText(seconds < hour ? seconds : seconds - (seconds % (5 * minute))));
}

/**
 * When a job is expected to start: a time of today, a day of this week, or a date.
 * @param at milliseconds since the epoch.
 * @param locales as `Intl` takes them. Default: the system's.
 */
export function expectedText(at: number, now = Date.now(), locales?: string): string {
  // What should have begun already begins at any moment.
  if (at <= now) return l10n.t("expected at any moment");
  const isToday = new Date(at).toDateString() === new Date(now).toDateString();
  const when: Intl.DateTimeFormatOptions = isToday
    ? {}
    : at - now < week
      ? { weekday: "short" }
      : { day: "numeric", month: "short" };
  const text = new Intl.DateTimeFormat(locales, { ...when, hour: "numeric", minute: "2-digit" }).format(at);
  return l10n.t("expected about {0}", text);
}
