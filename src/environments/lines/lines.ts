import type { Target } from "../../ssh/model/target.js";

/** The lines to run on hosts before a Python starts there. They may contain secrets: never log them. */
export interface LinesBefore {
  /**
   * Returns the lines in order.
   * @param python adds this interpreter's own lines after those of its host.
   */
  of(target: Target, python?: string): Promise<readonly string[]>;
  /** Returns the interpreters of a host that have lines of their own. */
  pythons(target: Target): Promise<readonly string[]>;
}

export const noLines: LinesBefore = { of: () => Promise.resolve([]), pythons: () => Promise.resolve([]) };

/** Maximum number of lines in a text, and of its characters. */
const mostLines = 50;
const longestLines = 8_000;

/**
 * Splits a text into commands, one for each line. A backslash at the end of a line continues it; empty lines and comments
 * are left out.
 */
export function linesIn(text: string): readonly string[] {
  return text
    .replace(/\\\r?\n/g, "")
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

/** The user's change to one line, relative to the list that was shown. */
export interface LineChange {
  /** Its index; undefined to add a line. */
  readonly at: number | undefined;
  readonly before: string;
  /** Empty: removes the line. */
  readonly line: string;
}

/** Applies a change. @param now the current lines, which another window may have changed since. */
export function withChange(now: readonly string[], { at, before, line }: LineChange): readonly string[] {
  const place = at === undefined || now[at] === before ? at : now.indexOf(before);
  const isThere = place !== undefined && place >= 0;
  return (isThere ? now.with(place, line) : [...now, line]).filter((one) => one.trim() !== "");
}

/** Whether a text is valid: not too long, and without control characters. */
export function areLines(text: string): boolean {
  return (
    text.length <= longestLines &&
    linesIn(text).length <= mostLines &&
    !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text)
  );
}

/**
 * Redacts the lines from a shell's output: they may contain secrets, and a shell repeats a line in its error messages.
 */
export function withoutLines(said: string, lines: readonly string[]): string {
  const secrets = lines
    .flatMap((line) => [line, ...assignedIn(line), ...wordsOfValues(line)])
    .filter((text) => text.length > 2);
  return [...new Set(secrets)]
    .sort((a, b) => b.length - a.length)
    .reduce((text, secret) => text.replaceAll(secret, "…"), said);
}

/** Returns assigned values: from `=` to the next space, and to the end, with and without quotes. */
function assignedIn(line: string): string[] {
  return [...line.matchAll(/=(\S+)/g)].flatMap(({ index, 1: word = "" }) => {
    const rest = line.slice(index + 1);
    return [rest, word, bare(rest), bare(word)];
  });
}

/**
 * Returns the words of assigned values. With missing or extra spaces or quotes, a shell may take one for a command and
 * name it in an error.
 */
function wordsOfValues(line: string): string[] {
  return line.split(/[;&|]\s/).flatMap((command) => {
    const assigns = /^\s*(export|declare|typeset|readonly|local|setenv)\s/.exec(command);
    const start = assigns ? assigns[0].length : command.indexOf("=") + 1;
    return start === 0 ? [] : command.slice(start).split(/[\s;&|()<>"'`$]/);
  });
}

/** Strips quotes around a value, and a semicolon after it. */
function bare(text: string): string {
  let end = text.length;
  while (end > 0 && `"';`.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(/^["']/.test(text) ? 1 : 0, end);
}
