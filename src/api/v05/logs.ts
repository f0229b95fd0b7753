const levels = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] as const;
/** Synonyms. */
const sameLevel: Readonly<Record<string, string>> = { WARN: "WARNING", FATAL: "CRITICAL" };

/**
 * Returns the last lines of a log.
 * @param level minimum level; a line without a level belongs to the one before it. An unknown level filters nothing.
 */
export function selectLogs(text: string, lines: number, level?: string): string[] {
  const all = text.replace(/\n$/, "").split(/\r?\n/);
  const least = level === undefined ? -1 : gravity(level.toUpperCase());
  let current = levels.indexOf("INFO");
  const wanted = all.filter((line) => {
    const found = /\b(DEBUG|INFO|WARN|WARNING|ERROR|CRITICAL|FATAL)\b/.exec(line.slice(0, 200))?.[1];
    if (found !== undefined) current = gravity(found);
    return current >= least;
  });
  return text === "" ? [] : wanted.slice(-lines);
}

function gravity(level: string): number {
  return levels.indexOf((sameLevel[level] ?? level) as (typeof levels)[number]);
}
