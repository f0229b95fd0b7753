// Counts in a file that others change and read, until it is told to stop: FILE NAME OPEN-FILES. Then says what it did.
import { updateSharedFile } from "../../../src/common/files/sharedFile.js";
import { refusingCalls } from "./openFiles.js";

/** What a writer says in the end. */
export interface Written {
  readonly writes: number;
  readonly failures: readonly string[];
  /** Calls that were refused because the file was open. */
  readonly refused: number;
  /** Milliseconds that the slowest write took. */
  readonly slowest: number;
}

const [file = "", name = "", openFiles = ""] = process.argv.slice(2);
const calls = refusingCalls(openFiles);
/** Milliseconds: as on Windows. */
const patience = 8_000;
const failures: string[] = [];
let writes = 0;
let slowest = 0;
let stopped = false;
process.once("message", () => (stopped = true));

const countOn = (bytes: Buffer | undefined): Buffer => {
  const counts = JSON.parse(bytes?.toString() ?? "{}") as Record<string, number>;
  return Buffer.from(JSON.stringify({ ...counts, [name]: (counts[name] ?? 0) + 1 }));
};
process.send?.("ready");
while (!stopped) {
  const began = performance.now();
  try {
    await updateSharedFile(file, countOn, { calls, patience });
    writes += 1;
  } catch (error) {
    failures.push(String(error));
  }
  slowest = Math.max(slowest, performance.now() - began);
}
process.send?.({ writes, failures, refused: calls.refused(), slowest } satisfies Written, () =>
  process.disconnect(),
);
