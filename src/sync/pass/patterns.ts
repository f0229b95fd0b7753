/** Of all patterns of one copy. */
const mostPatterns = 100;
const longestPattern = 200;

/** What a person typed, one pattern after the other with commas between them. */
export function patternsIn(text: string): readonly string[] {
  return text
    .split(/[,\n]/)
    .map((pattern) => pattern.trim())
    .filter(Boolean);
}

/** Whether so many patterns of such a length are taken. */
export function arePatternsShort(patterns: readonly string[]): boolean {
  return patterns.length <= mostPatterns && patterns.every(({ length }) => length <= longestPattern);
}
