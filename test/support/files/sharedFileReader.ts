// Has a file open again and again that others change, until it is told to stop: FILE OPEN-FILES MILLISECONDS. Then says
// what it saw. It keeps the file open for up to so many milliseconds, and then leaves it alone for up to as long.
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { readFileIfPresent } from "../../../src/common/files/sharedFile.js";
import { sayOpen } from "./openFiles.js";

/** What a reader says in the end. */
export interface Seen {
  readonly reads: number;
  readonly failures: readonly string[];
}

const [file = "", openFiles = "", keep = ""] = process.argv.slice(2);
const failures: string[] = [];
let reads = 0;
let counted: Record<string, number> = {};
let stopped = false;
void once(process, "message").then(() => (stopped = true));

/** Counts never go down. */
function compare(text: string): void {
  const counts = JSON.parse(text) as Record<string, number>;
  for (const [name, count] of Object.entries(counted)) {
    if (!((counts[name] ?? 0) >= count)) failures.push(`${name} was ${count} and is ${counts[name]}`);
  }
  counted = counts;
}

process.send?.("ready");
while (!stopped) {
  const close = openFiles === "" ? undefined : sayOpen(openFiles);
  try {
    const bytes = await readFileIfPresent(file);
    if (bytes) compare(bytes.toString());
    reads += 1;
    await delay(Number(keep) * Math.random());
  } catch (error) {
    failures.push(String(error));
  } finally {
    close?.();
  }
  await delay(Number(keep) * Math.random());
}
process.send?.({ reads, failures } satisfies Seen, () => process.disconnect());
