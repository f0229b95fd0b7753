import { mkdir, mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createCompaction } from "../../../../src/relay/journal/compaction.js";
import { createJournalIndex } from "../../../../src/relay/journal/journalIndex.js";
import { createJournalWriter } from "../../../../src/relay/journal/journalWriter.js";

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "compaction-"));
  file = join(folder, "a.journal");
});
afterEach(() => rm(folder, { recursive: true }));

/** A journal of these many results that were acknowledged, of which two are remembered. */
async function journalOf(count: number) {
  const index = createJournalIndex(new Map());
  const writer = createJournalWriter(await open(file, "a+"), 0, () => Promise.resolve());
  const limits = { commands: 2, bytes: 1_000_000 };
  const salt = Buffer.from("salt");
  const compaction = createCompaction({ file, salt, limits, index, writer });
  for (let each = 0; each < count; each += 1) {
    const id = `c${each}`;
    index.note(id, "finished", await writer.append({ kind: "finished", id, result: "AAAA" }));
    await writer.append({ kind: "acknowledged", id });
    index.note(id, "acknowledged");
  }
  return { index, writer, compaction };
}

describe("compaction", () => {
  it("leaves the newest commands, in a file that the writer goes on with", async () => {
    const { index, writer, compaction } = await journalOf(5);
    await writer.between(() => compaction.now());
    expect([...index.entries.keys()]).toEqual(["c3", "c4"]);
    expect(writer.size).toBe((await readFile(file)).length);
    const { offset } = await writer.append({ kind: "begun", id: "next" });
    await writer.close();
    expect((await readFile(file, "utf8")).slice(offset)).toBe('{"kind":"begun","id":"next"}\n');
  });

  it("waits until the journal has grown", async () => {
    const { index, writer, compaction } = await journalOf(5);
    await writer.between(() => compaction.now());
    index.note("c5", "begun");
    await writer.between(() => compaction.whenGrown());
    expect([...index.entries.keys()]).toEqual(["c3", "c4", "c5"]);
    await writer.close();
  });

  it("leaves the journal unchanged if it fails", async () => {
    const { index, writer, compaction } = await journalOf(5);
    await mkdir(`${file}.small.new`);
    const before = await readFile(file, "utf8");
    await expect(writer.between(() => compaction.now())).rejects.toThrow();
    expect(index.entries.size).toBe(5);
    await writer.append({ kind: "begun", id: "next" });
    await writer.close();
    expect(await readFile(file, "utf8")).toBe(`${before}{"kind":"begun","id":"next"}\n`);
  });
});
