import type { LocalPath } from "../common/files/regularFile.js";
import { csvHeader, csvLine } from "./csv.js";
import { createGrowingLines } from "./growingLines.js";
import { type LoggedEvent, readEvent } from "./metrics.js";

/** A run whose values are written. */
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

/** Characters that are gathered before they are written. */
const pieceSize = 1 << 20;

/**
 * Writes every value that the runs logged of some metrics, as it was logged and in that order: nothing is thinned, averaged
 * or replaced. Reads the files anew, so that all is written whatever there was memory for.
 * @param write may throw; nothing more is written then.
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
    // The last value of a run that was killed has no end of a line; half of one is none.
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
