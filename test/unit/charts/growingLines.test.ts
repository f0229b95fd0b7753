import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createGrowingLines } from "../../../src/charts/growingLines.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "growing-"));
});
afterEach(() => rm(folder, { recursive: true }));

it("an unterminated last line is read next time, even if another one was truncated right after it", async () => {
  const file = join(folder, "events.jsonl");
  await writeFile(file, "one\ntwo");
  const stop = new AbortController();
  const taken: string[] = [];
  const lines = createGrowingLines(file, {
    onLine: (line) => {
      taken.push(line);
      stop.abort();
    },
    onReset: () => taken.push("reset"),
    onLast: (text) => taken.push(`last ${text}`) > 0,
  });
  await lines.read(stop.signal);
  expect(taken).toEqual(["one"]);
  expect(await lines.read()).toBe(true);
  expect(taken).toEqual(["one", "last two"]);
  expect(lines.isCutOff).toBe(false);
  expect(await lines.read()).toBe(false);
  expect(taken).toHaveLength(2);
});
