const telling =
  /error|cannot|could not|not found|no such|not permitted|denied|fail|invalid|refused|unable|fatal/i;

/**
 * The one line of what a program printed that most likely says why it failed: the last that sounds like it, else the last
 * one. Empty where nothing was printed.
 */
export function tellingLine(output: string): string {
  const lines = output.split(/[\r\n]+/).map((line) => line.trim());
  return lines.findLast((line) => telling.test(line)) ?? lines.findLast(Boolean) ?? "";
}
