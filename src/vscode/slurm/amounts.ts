/** Maximum minutes of a job: a year. */
const longestTime = 365 * 24 * 60;
/** Maximum MiB of a job. */
const mostMemory = 64 * 1024 * 1024;

/**
 * Parses a time limit as written by people or Slurm: `90`, `90 min`, `2h`, `1 d 12 h`, `2:00:00`, `1-12`, `1-12:30`. As
 * in Slurm, a plain number is minutes, and `M:S` minutes and seconds.
 * @returns whole minutes, rounded up; undefined if invalid, 0, or longer than a year.
 */
export function readTime(text: string): number | undefined {
  const written = text.trim().toLowerCase();
  const minutes = inUnits(written) ?? inSlurmsForm(written);
  return minutes !== undefined && minutes > 0 && minutes <= longestTime ? Math.ceil(minutes) : undefined;
}

const units: Readonly<Record<string, number>> = { d: 24 * 60, h: 60, m: 1 };

function inUnits(text: string): number | undefined {
  const parts = [...text.matchAll(/(\d{1,7}(?:\.\d{1,3})?)\s*(d|h|m)[a-z]*\s*/g)];
  const isAll = parts.length > 0 && parts.map(([part]) => part).join("") === text;
  return isAll
    ? parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ""] ?? 0), 0)
    : undefined;
}

function inSlurmsForm(text: string): number | undefined {
  const [, days, rest = ""] = /^(?:(\d{1,4})-)?(\d{1,7}(?::\d{1,2}){0,2})$/.exec(text) ?? [];
  if (rest === "") return undefined;
  const [first = 0, second = 0, third = 0] = rest.split(":").map(Number);
  // After days come hours; otherwise three numbers begin with hours, and fewer with minutes.
  if (days !== undefined) return Number(days) * 24 * 60 + first * 60 + second + third / 60;
  return rest.split(":").length === 3 ? first * 60 + second + third / 60 : first + second / 60;
}

/** Formats minutes so that {@link readTime} parses them: `2 h`, `1 d 12 h`, `90 min`. */
export function timeInput(minutes: number): string {
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  return [days > 0 && `${days} d`, hours > 0 && `${hours} h`, rest > 0 && `${rest} min`]
    .filter((part) => part !== false)
    .join(" ");
}

/**
 * Parses memory as written by people or Slurm: `512M`, `4 GB`, `1.5GiB`, `1T`. A plain number is MiB, as in Slurm.
 * @returns whole MiB, rounded up; undefined if invalid.
 */
export function readMemory(text: string): number | undefined {
  const [, count, unit = "m"] =
    /^(\d{1,9}(?:\.\d{1,3})?)\s*([kmgt]?)(?:i?b)?$/.exec(text.trim().toLowerCase()) ?? [];
  if (count === undefined) return undefined;
  const factor = { k: 1 / 1024, m: 1, g: 1024, t: 1024 * 1024 }[unit] ?? 1;
  const size = Math.ceil(Number(count) * factor);
  return size > 0 && size <= mostMemory ? size : undefined;
}

/** Formats MiB so that {@link readMemory} parses them: `1 GB`, `512 MB`. */
export function memoryInput(size: number): string {
  return size % 1024 === 0 ? `${size / 1024} GB` : `${size} MB`;
}

/** @returns a whole number within the bounds; undefined if invalid. */
export function readCount(text: string, least: number, most: number): number | undefined {
  const count = /^\s*\d{1,5}\s*$/.test(text) ? Number(text) : Number.NaN;
  return count >= least && count <= most ? count : undefined;
}
