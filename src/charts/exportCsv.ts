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
}

/** Characters that are gathered before they are written. */
const pieceSize = 1 << 20;

/**
 * Writes every value that the runs logged of some metrics, as it was logged and in that order: nothing is thinned, averaged
 * or replaced. Reads the files anew, so that all is written whatever there was memory for.
 * @param write may throw; nothing more is written then.
 * @returns how many values were written.
 */
export async function exportCsv(
  runs: readonly ExportedRun[],
  isWanted: (metric: string) => boolean,
  write: (text: string) => void,
  signal?: AbortSignal,
): Promise<number> {
  let [count, piece]: [number, string] = [0, csvHeader];
  for (const run of runs) {
    signal?.throwIfAborted();
    const onLine = (line: string): void => {
      const event = readEvent(line);
      if (typeof event !== "string") onEvent(event);
    };
    // The last value of a run that was killed has no end of a line; half of one is none.
    const onLast = (text: string): boolean => (onLine(text), true);
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
    await createGrowingLines(run.file, { onLine, onLast, onReset }).read(signal);
  }
  signal?.throwIfAborted();
  write(piece);
  return count;
}
