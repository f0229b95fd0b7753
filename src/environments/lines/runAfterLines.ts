import { randomBytes } from "node:crypto";
import { Failure } from "../../common/failure.js";
import { displayText } from "../../common/text/displayText.js";
import { quoteForShell } from "../../common/text/quote.js";
import { runScript } from "../../ssh/channel/script.js";
import type { Connection } from "../../ssh/model/connection.js";
import type { SshFailure } from "../../ssh/model/failures.js";
import type { ScriptOptions, ScriptResult } from "../../ssh/model/heldShell.js";
import type { EnvironmentFailure } from "../failures.js";
import afterLinesScript from "./afterLines.sh";
import { withoutLines } from "./lines.js";

/** Seconds for all lines together: loading a module from a network disk is slow. */
const usualSeconds = 20;
/** Characters kept from the end of a line's output. */
const outputLength = 2_000;
/** Standard error below this many bytes is complete. */
const surelyWhole = 8_000;
/** Milliseconds for the host to report a timeout of the lines. */
const lateAnswer = 10_000;

/**
 * Like `runScript`, but runs the script in the environment that the lines leave.
 * @param options `timeout` is for the script alone; the time for the lines is added.
 * @throws Failure `lines-failed`, or as `runScript` does.
 */
export async function runAfterLines(
  connection: Connection,
  { script, args, lines, seconds = usualSeconds }: Following,
  { timeout, ...options }: ScriptOptions = {},
): Promise<ScriptResult> {
  if (lines.length === 0) return runScript(connection, script, args, { timeout, ...options });
  const { tag, call } = callAfterLines({ script, args, lines, seconds });
  const result = await runScript(connection, afterLinesScript, call, {
    ...options,
    ...(timeout !== undefined && { timeout: timeout + seconds * 1000 + lateAnswer }),
  });
  const { output, stderr } = result;
  const begin = `<<${tag}\n`;
  const at = output.indexOf(begin);
  if (at < 0) throw linesFailure(connection.target.host, tag, lines, result, seconds);
  return {
    ...result,
    output: output.subarray(at + begin.length),
    stderr: behindLines(stderr, tag, lines),
  };
}

/** Returns the standard error of the script itself. */
function behindLines(stderr: Buffer, tag: string, lines: readonly string[]): Buffer {
  const own = wholeLines(stderr)
    .split("\n")
    .map((line) => line.split(tag, 1)[0] ?? "")
    .join("\n");
  return Buffer.from(withoutLines(own, lines));
}

/** Drops a first line that may be truncated: part of a secret would not be recognised and redacted. */
function wholeLines(stderr: Buffer): string {
  const text = stderr.toString("utf8");
  return stderr.length < surelyWhole ? text : text.slice(text.indexOf("\n") + 1);
}

/** A script, and the lines to run before it. */
export interface Following {
  readonly script: string;
  readonly args: readonly string[];
  readonly lines: readonly string[];
  /** For all lines together. Default 20. */
  readonly seconds?: number;
}

/** Returns the arguments of `afterLines.sh`, and the tag in front of the script's output. */
export function callAfterLines({ script, args, lines, seconds = usualSeconds }: Following) {
  if ([...args, ...lines].some((value) => value.includes("\0")))
    throw new Failure<SshFailure>({ code: "value-has-nul" });
  const tag = randomBytes(12).toString("hex");
  const following = `${script}\n{\nmain ${args.map(quoteForShell).join(" ")} <&4 4<&-\nexit\n}`;
  return { tag, call: [tag, String(seconds), following, ...lines] };
}

/** Reports which line failed, with its output, in which the line itself is redacted. */
export function linesFailure(
  host: string,
  tag: string,
  lines: readonly string[],
  { output, stderr }: Pick<ScriptResult, "output" | "stderr">,
  seconds = usualSeconds,
): Failure<EnvironmentFailure> {
  const marks = wholeLines(stderr).split(`${tag} line `);
  const [number = "0", ...text] = (marks.length < 2 ? `0\n${marks[0] ?? ""}` : (marks.at(-1) ?? "")).split(
    "\n",
  );
  const said = text.map((line) => (line.startsWith(`${tag}: `) ? line.slice(tag.length + 2) : line));
  const isLate = output.toString("latin1").trim() === `${tag}>>`;
  return new Failure<EnvironmentFailure>({
    code: "lines-failed",
    host,
    line: Number(number) || 0,
    ...(isLate && { seconds }),
    output: withoutLines(said.join("\n").trim(), lines)
      .slice(-outputLength)
      .split("\n")
      .map(displayText)
      .join("\n"),
  });
}
