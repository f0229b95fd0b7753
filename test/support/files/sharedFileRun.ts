import { once } from "node:events";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { buildProgram, stopProgram } from "./bundle.js";
import type { Seen } from "./sharedFileReader.js";
import type { Written } from "./sharedFileWriter.js";

export interface SharedFileOptions {
  /** An empty folder. */
  readonly folder: string;
  readonly milliseconds: number;
  /** Whether a third program keeps the file open for up to this many milliseconds, as on Windows; 0: none does. */
  readonly heldFor: number;
}

export interface SharedFileResult {
  readonly writers: readonly Written[];
  readonly reader: Seen;
  readonly failures: readonly string[];
}

/** Two processes write one file, a third reads it, and a fourth may keep it open. */
export async function sharedFileRun(options: SharedFileOptions): Promise<SharedFileResult> {
  const { folder, milliseconds, heldFor } = options;
  const file = join(folder, "data", "file");
  const openFiles = join(folder, "open");
  await mkdir(openFiles);
  const startWriter = await buildProgram(folder, "sharedFileWriter.ts");
  const startReader = await buildProgram(folder, "sharedFileReader.ts");
  const writers = ["first", "second"].map((name) => startWriter([file, name, openFiles]));
  const reader = startReader([file, heldFor > 0 ? openFiles : "", "2"]);
  const holders = heldFor > 0 ? [startReader([file, openFiles, String(heldFor)])] : [];
  const all = [...writers, reader, ...holders];
  await Promise.all(all.map((one) => once(one, "message")));
  await delay(milliseconds);
  const written = (await Promise.all(writers.map(stopProgram))) as Written[];
  const [seen, ...held] = (await Promise.all([reader, ...holders].map(stopProgram))) as [Seen, ...Seen[]];
  const counts = JSON.parse(await readFile(file, "utf8")) as Record<string, number>;
  const lost = ["first", "second"].flatMap((name, index) =>
    counts[name] === written[index]?.writes ? [] : [`of ${name}: ${counts[name]} counted`],
  );
  const failures = [...written, seen, ...held].flatMap((one) => one.failures);
  return { writers: written, reader: seen, failures: [...failures, ...lost] };
}
