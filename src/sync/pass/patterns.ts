/** Of all patterns of one copy. */
const mostPatterns = 100;
const longestPattern = 200;
/** Of one part of a path. */
const mostStars = 2;

/** What a person typed, one pattern after the other with commas between them. */
export function patternsIn(text: string): readonly string[] {
  return text
    .split(/[,\n]/)
    .map((pattern) => pattern.trim())
    .filter(Boolean);
}

/**
 * Whether these patterns are taken. With each `*` between two slashes a name takes longer to compare, by as much as it is
 * long, and hosts choose the names.
 */
export function arePatternsTaken(patterns: readonly string[]): boolean {
  return (
    patterns.length <= mostPatterns &&
    patterns.every((pattern) => pattern.length <= longestPattern && pattern.split("/").every(hasFewStars))
  );
}

function hasFewStars(part: string): boolean {
  return part.split("*").length - 1 <= mostStars;
}
