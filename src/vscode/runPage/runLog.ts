import { posix } from "node:path";
import * as l10n from "@vscode/l10n";
import type { App } from "../../app.js";
import { type LocalPath, openRegular } from "../../common/files/regularFile.js";
import { displayText } from "../../common/text/displayText.js";
import { sizeText } from "../../common/text/sizeText.js";
import type { Run } from "../../sync/runIndex/runs.js";

/** The end of a log, as display text. */
export interface LogEnd {
  readonly lines: readonly string[];
  /** A remark; may be empty. */
  readonly note: string;
}

const logName = "logs.txt";
/** Maximum bytes to read from its end, lines to show, and characters of a line. */
const endBytes = 128 * 1024;
const mostLines = 500;
const longestLine = 2_000;
/** Bytes: a larger log is not fetched just to show its end. */
const largestBrought = 8 * 1024 * 1024;

/** The last lines of a run's log, fetched from the host if new. @throws Failure like `syncs.fetch`. */
export async function endOfLog(
  { syncs }: Pick<App, "syncs">,
  run: Run,
  signal: AbortSignal,
): Promise<LogEnd> {
  const path = posix.join(await syncs.folderOfRun(run), logName);
  const entry = (await syncs.entries(run.syncId)).get(path);
  if (!entry) return { lines: [], note: "" };
  const missing = (entry.seen?.size ?? 0) - (entry.held?.size ?? 0);
  if (missing > largestBrought)
    return {
      lines: [],
      note: l10n.t("The log has {0} that are not on this machine. Tail Log brings it.", sizeText(missing)),
    };
  const { place } = await syncs.fetch(run.syncId, path, { signal });
  return linesIn(await readEnd(place));
}

async function readEnd(file: LocalPath): Promise<{ readonly text: string; readonly isCut: boolean }> {
  const opened = await openRegular(file);
  if (!opened) return { text: "", isCut: false };
  try {
    const { size } = await opened.stat();
    const from = Math.max(0, size - endBytes);
    const { buffer, bytesRead } = await opened.read(Buffer.alloc(size - from), 0, size - from, from);
    return { text: buffer.toString("utf8", 0, bytesRead), isCut: from > 0 };
  } finally {
    await opened.close();
  }
}

/** Splits a text into lines. Of a line with carriage returns, as of a progress bar, only the last state counts. */
export function linesIn({ text, isCut }: { readonly text: string; readonly isCut: boolean }): LogEnd {
  const all = text.split("\n");
  if (isCut) all.shift();
  if (all.at(-1) === "") all.pop();
  const lines = all.slice(-mostLines).map((line) => {
    const last = withoutColours(line.split("\r").findLast((part) => part !== "") ?? "");
    return displayText(last.replaceAll("\t", "    ")).slice(0, longestLine);
  });
  return {
    lines,
    note: isCut || all.length > lines.length ? l10n.t("The last {0} lines.", lines.length) : "",
  };
}

/** Removes ANSI color codes. */
function withoutColours(line: string): string {
  return line.replace(/\x1b\[[0-9;]{0,20}m/g, "");
}
