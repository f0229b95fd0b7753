import type { LocalPath } from "../common/files/regularFile.js";
import { csvHeader, csvLine } from "./csv.js";
import { createGrowingLines } from "./growingLines.js";
import { type LoggedEvent, readEvent } from "./metrics.js";

/** A run to export. */
export interface ExportedRun {
  readonly label: string;
  readonly id: string;
  /** Absolute path of its local `events.jsonl`. */
  readonly file: LocalPath;
  /** Whether it writes no more: half a line at the end is damaged then. */
  readonly isOver: boolean;
}

/** How much was written. */
export interface Exported {
  /** Values. */
  readonly count: number;
  /** Lines that are damaged or longer than 1 MiB: the values in them are missing. */
  readonly unread: number;
}

/** Characters to buffer before a write. */
const pieceSize = 1 << 20;

/**
 * Writes every value that the runs logged of some metrics, as logged and in that order: without downsampling, smoothing
 * or replacing. Reads the files again, because charts may have left values out for lack of memory.
 * @param write may throw, which ends the export.
 */
export async function exportCsv(
  runs: readonly ExportedRun[],
  isWanted: (metric: string) => boolean,
  write: (text: string) => void,
  signal?: AbortSignal,
): Promise<Exported> {
  let [count, unread, piece]: [number, number, string] = [0, 0, csvHeader];
  for (const run of runs) {
    signal?.throwIfAborted();
    const take = (line: string, isWhole: boolean): void => {
      const event = readEvent(line);
      if (typeof event !== "string") onEvent(event);
      else if (event === "damaged" && isWhole) unread += 1;
    };
    const onLine = (line: string): void => take(line, true);
    // The last line of a killed run may have no line ending; a truncated one is skipped.
    const onLast = (text: string): boolean => (take(text, run.isOver), true);
    const onTooLong = (): void => void (unread += 1);
    const onEvent = (event: LoggedEvent): void => {
      const { step, time } = event;
      for (const [metric, value] of event.values) {
        if (!isWanted(metric)) continue;
        piece += csvLine(run, { metric, step, time, value });
        count += 1;
      }
      if (piece.length < pieceSize) return;
      write(piece);
      piece = "";
    };
    const onReset = (): void => undefined;
    await createGrowingLines(run.file, { onLine, onLast, onReset, onTooLong }).read(signal);
  }
  signal?.throwIfAborted();
  write(piece);
  return { count, unread };
}
