import * as l10n from "@vscode/l10n";
import { errorCodeOf } from "../common/files/errorCode.js";
import { exitStatus } from "./exitStatus.js";

/*
 * What becomes of a program whose output nobody takes any longer: the reader of a pipe has gone, or a disk is full. POSIX
 * ends it by SIGPIPE in the first case. Node passes that signal over, and we have viewers to stop before we end.
 */

let status: number | undefined;
const listeners = new Set<() => void>();

/** Hears of it from now on, instead of ending with a stack trace. */
export function watchOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error) => {
      if (status !== undefined) return;
      const code = errorCodeOf(error) ?? "";
      const isReaderGone = code === "EPIPE";
      status = isReaderGone ? exitStatus.readerGone : exitStatus.failed;
      // The command may be done by now.
      process.exitCode = status;
      if (!isReaderGone && stream === process.stdout)
        process.stderr.write(`${l10n.t("Standard output cannot be written: {0}", code)}\n`);
      for (const listener of listeners) listener();
    });
  }
}

/** @param listener is called when output is not taken any longer, at once if that is so already. */
export function hearOutputGone(listener: () => void): void {
  listeners.add(listener);
  if (status !== undefined) listener();
}

/** The exit status for that; undefined while all is well. */
export function outputStatus(): number | undefined {
  return status;
}

/** Rows as lines, their cells below each other. */
export function tableLines(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  return rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
