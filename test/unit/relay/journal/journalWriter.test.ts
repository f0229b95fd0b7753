import { type FileHandle, mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createJournalWriter } from "../../../../src/relay/journal/journalWriter.js";

let folder: string;
let file: string;
let handle: FileHandle;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "writer-"));
  file = join(folder, "a.journal");
  handle = await open(file, "a+");
});
afterEach(() => rm(folder, { recursive: true }));

const nothing = (): Promise<void> => Promise.resolve();
const begun = (id: string) => ({ kind: "begun", id }) as const;

describe("the journal's writer", () => {
  it("tells where each line stands", async () => {
    const writer = createJournalWriter(handle, 0, nothing);
    const places = await Promise.all(["a", "bb", "c"].map((id) => writer.append(begun(id))));
    await writer.close();
    const text = await readFile(file, "utf8");
    const lines = places.map(({ offset, length }) => text.slice(offset, offset + length));
    expect(lines.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(["a", "bb", "c"]);
  });

  it("writes what gathers during a write as one batch", async () => {
    let batches = 0;
    const writer = createJournalWriter(handle, 0, () => Promise.resolve(void (batches += 1)));
    await Promise.all(Array.from({ length: 100 }, (_, index) => writer.append(begun(`c${index}`))));
    await writer.close();
    expect(batches).toBeLessThanOrEqual(2);
  });

  it("leaves no half line behind when a write fails, and goes on", async () => {
    const writer = createJournalWriter(handle, 0, nothing);
    await writer.append(begun("a"));
    const { datasync } = handle;
    handle.datasync = () => Promise.reject(new Error("the disk is full"));
    await expect(writer.append(begun("b"))).rejects.toThrow("the disk is full");
    handle.datasync = datasync;
    await writer.append(begun("c"));
    expect(writer.size).toBe((await readFile(file)).length);
    await writer.close();
    expect(await readFile(file, "utf8")).toBe('{"kind":"begun","id":"a"}\n{"kind":"begun","id":"c"}\n');
  });

  it("goes on with another file that was put in its place between two batches", async () => {
    const other = join(folder, "other");
    const writer = createJournalWriter(handle, 0, nothing);
    await writer.append(begun("a"));
    await writer.between(async (before) => {
      await before.close();
      writer.useFile(await open(other, "a+"), 0);
    });
    const place = await writer.append(begun("b"));
    await writer.close();
    expect(place.offset).toBe(0);
    expect(await readFile(other, "utf8")).toBe('{"kind":"begun","id":"b"}\n');
  });

  it("goes on after work between two batches that failed", async () => {
    const writer = createJournalWriter(handle, 0, nothing);
    await expect(writer.between(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    await writer.append(begun("a"));
    await writer.close();
  });
});
