import { constants } from "node:os";
import type { Describe, Remark } from "../protocol/failures.js";
import type { CommandResult } from "../protocol/serverMessages.js";
import { fitEncoded } from "../execution/output.js";
import type { CommandEnd } from "../execution/launch.js";
import type { CommandOutcome } from "../execution/runCommand.js";

/** What is answered when there is nothing but a failure to tell. */
export function failedResult(remark: Remark, describe: Describe): CommandResult {
  return { stdout: "", stderr: describe(remark), exitCode: 1 };
}

/**
 * Makes the answer of a command that ran. What had to be left out, and why it ended before its time, is said at the end
 * of standard error.
 * @param limit bytes of both streams together as JSON.
 */
export function resultOf(
  { end, stdout, stderr }: CommandOutcome,
  about: { readonly host: string; readonly cancelled: "server-away" | "stopped" },
  limit: number,
  describe: Describe,
): CommandResult {
  const [printed, said] = [stdout.text, stderr.text];
  // Standard error is smaller and matters more: a quarter of the limit is reserved for it.
  const keptError = fitEncoded(said, Math.max(limit / 4, limit - encoded(printed)));
  const keptOutput = fitEncoded(printed, limit - encoded(keptError));
  const remarks = [
    ...remarkOf(end, about),
    ...cut(
      "stdout",
      keptOutput,
      stdout.printed,
      printed.length === keptOutput.length && stdout.kept === stdout.printed,
    ),
    ...cut(
      "stderr",
      keptError,
      stderr.printed,
      said.length === keptError.length && stderr.kept === stderr.printed,
    ),
  ];
  const lines = remarks.map((remark) => `${describe(remark)}\n`).join("");
  const gap = lines !== "" && keptError !== "" && !keptError.endsWith("\n") ? "\n" : "";
  return { stdout: keptOutput, stderr: `${keptError}${gap}${lines}`, exitCode: exitCodeOf(end) };
}

function encoded(text: string): number {
  return Buffer.byteLength(JSON.stringify(text));
}

function cut(stream: "stdout" | "stderr", kept: string, printed: number, whole: boolean): Remark[] {
  return whole ? [] : [{ code: "relay-output-cut", stream, kept: Buffer.byteLength(kept), printed }];
}

function remarkOf(
  end: CommandEnd,
  { host, cancelled }: { readonly host: string; readonly cancelled: "server-away" | "stopped" },
): Remark[] {
  switch (end.kind) {
    case "exited":
      return end.code === undefined
        ? [{ code: "relay-ended-by-signal", signal: end.signal ?? "unknown" }]
        : [];
    case "timed-out":
      return [{ code: "relay-timed-out", milliseconds: end.milliseconds }];
    case "cancelled":
      return [{ code: "relay-cancelled", why: cancelled }];
    case "lost":
      return [{ code: "relay-connection-lost", host }];
    case "runner-ended":
      return [{ code: "relay-runner-ended", host }];
  }
}

/** Of a command that a signal ended, 128 and the signal's number, as shells say it. */
function exitCodeOf(end: CommandEnd): number {
  if (end.kind !== "exited") return 1;
  if (end.code !== undefined) return end.code;
  const number = (constants.signals as Record<string, number | undefined>)[`SIG${end.signal ?? ""}`];
  return number === undefined ? 1 : 128 + number;
}
