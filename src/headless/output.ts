import * as l10n from "@vscode/l10n";
import { errorCodeOf } from "../common/files/errorCode.js";
import { exitStatus } from "./exitStatus.js";

/*
 * Handles write errors of standard output and standard error: a closed pipe, or a full disk. Node ignores SIGPIPE, and we
 * have to stop viewers before we exit.
 */

let status: number | undefined;
const listeners = new Set<() => void>();

/** Handles write errors from now on; otherwise, they would crash the process. */
export function watchOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error) => {
      if (status !== undefined) return;
      const code = errorCodeOf(error) ?? "";
      const isReaderGone = code === "EPIPE";
      status = isReaderGone ? exitStatus.readerGone : exitStatus.failed;
      // In case the command has already finished.
      process.exitCode = status;
      if (!isReaderGone && stream === process.stdout)
        process.stderr.write(`${l10n.t("Standard output cannot be written: {0}", code)}\n`);
      for (const listener of listeners) listener();
    });
  }
}

/** @param listener called at the first write error, immediately if there was one before. */
export function hearOutputGone(listener: () => void): void {
  listeners.add(listener);
  if (status !== undefined) listener();
}

/** The exit status for a write error; undefined without one. */
export function outputStatus(): number | undefined {
  return status;
}

/** Formats rows as lines with aligned columns. */
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
