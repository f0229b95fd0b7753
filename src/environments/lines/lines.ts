import type { Target } from "../../ssh/model/target.js";

/** The lines that are to run on hosts before a Python starts there. They may hold secrets: nobody logs them. */
export interface LinesBefore {
  /**
   * In order.
   * @param python the interpreter whose own lines are to run too, behind those of its host.
   */
  of(target: Target, python?: string): Promise<readonly string[]>;
  /** The interpreters of a host that have lines of their own. */
  pythons(target: Target): Promise<readonly string[]>;
}

export const noLines: LinesBefore = { of: () => Promise.resolve([]), pythons: () => Promise.resolve([]) };

/** Lines of one text, and characters of the text, that are kept. */
const mostLines = 50;
const longestLines = 8_000;

/**
 * The commands of a text, one for each line. A line that ends with a backslash goes on in the next one; what is empty or a
 * comment is left out.
 */
export function linesIn(text: string): readonly string[] {
  return text
    .replace(/\\\r?\n/g, "")
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

/** What a person wants of one line, as it was shown to them. */
export interface LineChange {
  /** Its place; undefined for one that is added. */
  readonly at: number | undefined;
  readonly before: string;
  /** Empty: it goes. */
  readonly line: string;
}

/** The lines with that change. @param now as they are by now: another window may have changed others. */
export function withChange(now: readonly string[], { at, before, line }: LineChange): readonly string[] {
  const place = at === undefined || now[at] === before ? at : now.indexOf(before);
  const isThere = place !== undefined && place >= 0;
  return (isThere ? now.with(place, line) : [...now, line]).filter((one) => one.trim() !== "");
}

/** Whether it can be kept: not too long, and no character in it that a shell cannot be given. */
export function areLines(text: string): boolean {
  return (
    text.length <= longestLines &&
    linesIn(text).length <= mostLines &&
    !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text)
  );
}

/**
 * What a shell said of a line, without the line: it may hold a secret, and a shell repeats it when it finds a mistake in it.
 */
export function withoutLines(said: string, lines: readonly string[]): string {
  const secrets = lines
    .flatMap((line) => [line, ...assignedIn(line), ...wordsOfValues(line)])
    .filter((text) => text.length > 2);
  return [...new Set(secrets)]
    .sort((a, b) => b.length - a.length)
    .reduce((text, secret) => text.replaceAll(secret, "…"), said);
}

/** What stands behind an equals sign: to the next space, and to the end, with and without quotes. */
function assignedIn(line: string): string[] {
  return [...line.matchAll(/=(\S+)/g)].flatMap(({ index, 1: word = "" }) => {
    const rest = line.slice(index + 1);
    return [rest, word, bare(rest), bare(word)];
  });
}

/**
 * The words that a shell may have taken for something else than a value, where spaces or quotes are missing or too many: it
 * names them one by one.
 */
function wordsOfValues(line: string): string[] {
  return line.split(/[;&|]\s/).flatMap((command) => {
    const assigns = /^\s*(export|declare|typeset|readonly|local|setenv)\s/.exec(command);
    const start = assigns ? assigns[0].length : command.indexOf("=") + 1;
    return start === 0 ? [] : command.slice(start).split(/[\s;&|()<>"'`$]/);
  });
}

/** Without quotes around it, and a semicolon behind. */
function bare(text: string): string {
  let end = text.length;
  while (end > 0 && `"';`.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(/^["']/.test(text) ? 1 : 0, end);
}
