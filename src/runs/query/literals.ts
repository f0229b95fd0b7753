/** A moment (`from` equals `to`), or a period such as a day: seconds since the epoch, excluding `to`. */
export interface TimeLiteral {
  readonly from: number;
  readonly to: number;
}

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

const durationUnits: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  sec: 1,
  m: minute,
  min: minute,
  h: hour,
  d: day,
  w: 7 * day,
  mo: 30 * day,
  y: 365 * day,
};

const sizeUnits: Readonly<Record<string, number>> = { "": 1, k: 1, m: 2, g: 3, t: 4, p: 5 };

/** Parses a number, also `nan` and `inf`. @returns undefined for anything else. */
export function readNumber(text: string): number | undefined {
  const lower = text.toLowerCase();
  if (lower === "nan") return Number.NaN;
  const infinite = /^([+-]?)inf(inity)?$/.exec(lower);
  if (infinite) return infinite[1] === "-" ? -Infinity : Infinity;
  if (!/^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/.test(lower)) return undefined;
  return Number(lower);
}

/** Parses `2h`, `1h30m`, `90`. @returns seconds. */
export function readDuration(text: string): number | undefined {
  const plain = readNumber(text);
  if (plain !== undefined) return plain;
  let sum = 0;
  let at = 0;
  for (const part of text.toLowerCase().matchAll(/(\d+(?:\.\d+)?)\s?([a-z]{1,3})\s?/gy)) {
    const unit = durationUnits[part[2] ?? ""];
    if (unit === undefined) return undefined;
    sum += Number(part[1]) * unit;
    at += part[0].length;
  }
  return at > 0 && at === text.length ? sum : undefined;
}

/** Parses `10M`, `1.5GiB`, `100`: units of 1,024. @returns bytes. */
export function readSize(text: string): number | undefined {
  const parts = /^(\d+(?:\.\d+)?)\s?([kmgtp]?)(?:i?b)?$/.exec(text.toLowerCase());
  if (!parts) return undefined;
  const unit = parts[2] ?? "";
  return Number(parts[1]) * (unit === "" ? 1 : 1024 ** (sizeUnits[unit] ?? 0));
}

/**
 * Parses `2026-01-31`, `2026-01`, `2026`, a day with a time; `today`, `yesterday`, `now`; `3d`: three days ago. In the
 * local time zone.
 * @param now seconds since the epoch.
 */
export function readTime(text: string, now: number): TimeLiteral | undefined {
  const lower = text.trim().toLowerCase();
  const today = new Date(now * 1000);
  const days = (from: number): TimeLiteral => ({
    from: secondsOf(today.getFullYear(), today.getMonth(), today.getDate() + from),
    to: secondsOf(today.getFullYear(), today.getMonth(), today.getDate() + from + 1),
  });
  if (lower === "now") return { from: now, to: now };
  if (lower === "today") return days(0);
  if (lower === "yesterday") return days(-1);
  const parts = /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})(?:[t ](\d{1,2}):(\d{2})(?::(\d{2}))?)?)?)?$/.exec(lower);
  if (parts) return timeOf(parts.slice(1).map((part) => (part === undefined ? undefined : Number(part))));
  // Reject a plain number, which would mean seconds.
  const ago = readNumber(lower) === undefined ? readDuration(lower) : undefined;
  return ago === undefined ? undefined : { from: now - ago, to: now - ago };
}

function timeOf([year = 0, month, date, hours, minutes, seconds]: readonly (number | undefined)[]):
  TimeLiteral | undefined {
  if (month === undefined) return { from: secondsOf(year, 0, 1), to: secondsOf(year + 1, 0, 1) };
  if (month < 1 || month > 12) return undefined;
  if (date === undefined) return { from: secondsOf(year, month - 1, 1), to: secondsOf(year, month, 1) };
  if (date < 1 || date > new Date(year, month, 0).getDate()) return undefined;
  if (hours === undefined || minutes === undefined)
    return { from: secondsOf(year, month - 1, date), to: secondsOf(year, month - 1, date + 1) };
  if (hours > 23 || minutes > 59 || (seconds ?? 0) > 59) return undefined;
  const from = secondsOf(year, month - 1, date, hours, minutes, seconds ?? 0);
  return { from, to: from + (seconds === undefined ? minute : 1) };
}

function secondsOf(...parts: [number, number, number, number?, number?, number?]): number {
  const [year, month, date, hours = 0, minutes = 0, seconds = 0] = parts;
  const made = new Date(2000, month, date, hours, minutes, seconds);
  // The constructor maps years below 100 to the 20th century.
  made.setFullYear(year, month, date);
  return made.getTime() / 1000;
}
