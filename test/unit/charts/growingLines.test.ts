import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createGrowingLines } from "../../../src/charts/growingLines.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "growing-"));
});
afterEach(() => rm(folder, { recursive: true }));

function linesOf(file: string) {
  const taken: string[] = [];
  const lines = createGrowingLines(file, {
    onLine: (line) => taken.push(line.slice(0, 10)),
    onReset: () => taken.push("reset"),
    onTooLong: () => taken.push("too long"),
  });
  return { lines, taken };
}

it("a file that is deleted has no lines any more, and all of them when it is there again", async () => {
  const file = join(folder, "events.jsonl");
  const { lines, taken } = linesOf(file);
  expect(await lines.read()).toBe(false);
  await writeFile(file, "one\ntwo\nthr");
  await lines.read();
  await rm(file);
  expect(await lines.read()).toBe(true);
  expect(lines.isCutOff).toBe(false);
  expect(await lines.read()).toBe(false);
  await writeFile(file, "one\ntwo\nthree\n");
  await lines.read();
  expect(taken).toEqual(["one", "two", "reset", "one", "two", "three"]);
});

it("a file that cannot be opened for another reason keeps its lines", async () => {
  const file = join(folder, "events.jsonl");
  const { lines, taken } = linesOf(file);
  await writeFile(file, "one\n");
  await lines.read();
  await rm(file);
  await symlink(file, file);
  expect(await lines.read()).toBe(false);
  expect(taken).toEqual(["one"]);
});

it.each([
  ["ends in the piece where it began", 0],
  ["ends in a later piece", 900_000],
])("a line above 1 MiB that %s is skipped, and one of 1 MiB is not", async (_, before) => {
  const file = join(folder, "events.jsonl");
  const { lines, taken } = linesOf(file);
  const long = (length: number): string => "x".repeat(length);
  await writeFile(
    file,
    `${"y".repeat(before)}\n${long(1 << 20)}\n${long((1 << 20) + 1)}\n${long(1_500_000)}\nend\n`,
  );
  await lines.read();
  expect(taken).toEqual(["y".repeat(Math.min(10, before)), long(10), "too long", "too long", "end"]);
});

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
