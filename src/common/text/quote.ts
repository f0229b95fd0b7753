/**
 * Quotes one word for a POSIX shell. Only for text that a POSIX shell reads: a login shell may be csh or fish, whose
 * quoting differs, so values go into the script on `/bin/sh`'s standard input, never into the exec command.
 * @throws RangeError for a NUL, which no POSIX argument can hold.
 */
export function quoteForShell(value: string): string {
  if (value.includes("\0")) throw new RangeError("a NUL byte cannot be passed to a command");
  return `'${value.replaceAll("'", `'\\''`)}'`;
}
