import shellScript from "./heldShell.sh";

/** The header of a frame: the number of its script (0 is the shell itself), and whether it is the script's last frame. */
export interface HeldShellFrame {
  readonly number: number;
  readonly bytes: Buffer;
  readonly isLast: boolean;
}

/** Bytes of a line; ours are shorter than 512. */
const longestLine = 4_096;
/** Bytes that the exit status takes behind the output: the tag, a space, three digits and a semicolon. */
export const statusLength = (tag: string): number => tag.length + 5;

/** The first input of the shell, which answers with the last frame of script 0. */
export function shellText(tag: string): Buffer {
  return Buffer.from(`tag=${tag}\n${shellScript}\n`);
}

/** Ends the shell and its children, where it leads its process group, as it does unless a forced command is in between. */
export const endText = `kill -TERM "-$$" 2>/dev/null\nexit\n`;

/** Asks a cancelled script to end. */
export const askToEndText = (pid: string): string => `kill -TERM ${pid} 2>/dev/null\n`;

/**
 * Runs a script as a child of the shell, beside the others: one compound command, so that one that is cut short by a lost
 * link runs nothing. `jobs` makes the shell forget those that have ended, and wait for none.
 * @param limit bytes of output; a script that prints more is ended.
 */
export function scriptText(
  tag: string,
  number: number,
  script: Uint8Array,
  { limit, live }: { readonly limit: number; readonly live: boolean },
): Buffer {
  const answer = live ? "answer_live" : "answer";
  return Buffer.concat([
    Buffer.from(`jobs >/dev/null 2>&1\n{\n{\nprintf '\\n%s\\n' '${tag} ${number} <' >&2\n{\n`),
    script,
    Buffer.from(`\n} </dev/null &\nprintf '\\n%s\\n' "${tag} ${number} =$!" >&2\n`),
    Buffer.from(`wait "$!"\nprintf '%s %s;' ${tag} "$?"\n`),
    Buffer.from(`} </dev/null | ${answer} ${number} ${limit + statusLength(tag)} &\n}\n`),
  ]);
}

/** The output of a script that told its exit status behind it; undefined where it did not. */
export function splitStatus(
  tag: string,
  bytes: Buffer,
): { readonly output: Buffer; readonly code: number } | undefined {
  const at = bytes.lastIndexOf(`${tag} `);
  if (at < 0) return undefined;
  const [, code] = /^\S+ (\d{1,3});/.exec(bytes.toString("latin1", at, at + statusLength(tag))) ?? [];
  return code === undefined ? undefined : { output: bytes.subarray(0, at), code: Number(code) };
}

/** Finds the frames in the shell's output, chunk by chunk. Everything else is noise. */
export function createHeldShellFrameReader(
  tag: string,
  {
    onFrame,
    onNoise,
  }: { readonly onFrame: (frame: HeldShellFrame) => void; readonly onNoise: (bytes: Buffer) => void },
): { feed(chunk: Buffer): void } {
  const pattern = new RegExp(`^${tag} (\\d{1,15}) ([+.])([0-9a-f \\t]*)$`);
  let line: Buffer[] = [];
  let length = 0;
  let isTooLong = false;
  const endLine = (): void => {
    const whole = Buffer.concat(line);
    const [, number, kind, text = ""] = (!isTooLong && pattern.exec(whole.toString("latin1"))) || [];
    line = [];
    length = 0;
    isTooLong = false;
    if (number !== undefined) {
      const bytes = Buffer.from(text.replace(/\s+/g, ""), "hex");
      onFrame({ number: Number(number), bytes, isLast: kind === "." });
    } else if (whole.length > 0) onNoise(Buffer.concat([whole, newline]));
  };
  const add = (piece: Buffer): void => {
    line.push(piece);
    length += piece.length;
    if (length <= longestLine) return;
    onNoise(Buffer.concat(line));
    line = [];
    length = 0;
    isTooLong = true;
  };
  return {
    feed: (chunk) => {
      for (let from = 0; from < chunk.length;) {
        const end = chunk.indexOf(10, from);
        const piece = chunk.subarray(from, end < 0 ? chunk.length : end);
        if (piece.length > 0) add(piece);
        if (end >= 0) endLine();
        from += piece.length + 1;
      }
    },
  };
}

const newline = Buffer.from("\n");

/** Where on standard error a script begins and ends, and between the two the number of its process. */
export type ErrorMark = { readonly number: number } & (
  { readonly kind: "begin" | "end" } | { readonly kind: "process"; readonly pid: string }
);

/** Finds the marks on standard error; hands on what is between them. */
export function createErrorReader(
  tag: string,
  {
    onMark,
    onText,
  }: { readonly onMark: (mark: ErrorMark) => void; readonly onText: (bytes: Buffer) => void },
): { feed(chunk: Buffer): void } {
  const pattern = new RegExp(`\\n${tag} (\\d{1,15}) (?:([<>])|=(\\d{1,15}))\\n`);
  const longestMark = tag.length + 36;
  let rest = "";
  return {
    feed: (chunk) => {
      rest += chunk.toString("latin1");
      for (let found = pattern.exec(rest); found; found = pattern.exec(rest)) {
        if (found.index > 0) onText(Buffer.from(rest.slice(0, found.index), "latin1"));
        rest = rest.slice(found.index + found[0].length);
        const [, number, bound, pid] = found;
        if (pid !== undefined) onMark({ number: Number(number), kind: "process", pid });
        else onMark({ number: Number(number), kind: bound === "<" ? "begin" : "end" });
      }
      // Hold back what may be the beginning of a mark.
      const begin = rest.indexOf("\n", Math.max(0, rest.length - longestMark));
      const sure = begin < 0 ? rest.length : begin;
      if (sure > 0) onText(Buffer.from(rest.slice(0, sure), "latin1"));
      rest = rest.slice(sure);
    },
  };
}
