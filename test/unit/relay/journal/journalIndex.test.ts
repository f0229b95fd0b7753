import { describe, expect, it } from "vitest";
import { createJournalIndex } from "../../../../src/relay/journal/journalIndex.js";
import type { Entry } from "../../../../src/relay/journal/journalRecords.js";

const place = { offset: 0, length: 1 };

describe("the journal in memory", () => {
  it("knows unacknowledged results right after reading the file", () => {
    const read = new Map<string, Entry>([
      ["a", { state: "finished", place }],
      ["b", { state: "acknowledged", place }],
      ["c", { state: "begun" }],
    ]);
    expect([...createJournalIndex(read).unacknowledged]).toEqual(["a"]);
  });

  it("puts what ended last at the end", () => {
    const index = createJournalIndex(new Map());
    for (const id of ["a", "b"]) index.note(id, "begun");
    index.note("b", "finished", place);
    index.note("a", "finished", place);
    expect([...index.unacknowledged]).toEqual(["b", "a"]);
    expect([...index.entries.keys()]).toEqual(["b", "a"]);
  });

  it("never moves a command backwards", () => {
    const index = createJournalIndex(new Map());
    index.note("a", "finished", place);
    index.note("a", "acknowledged");
    index.note("a", "begun");
    expect(index.entries.get("a")).toEqual({ state: "acknowledged", place });
    expect(index.idsIn("acknowledged")).toEqual(["a"]);
  });

  it("forgets what a compaction dropped, and keeps what was recorded since its start", () => {
    const index = createJournalIndex(new Map());
    for (const id of ["dropped", "kept", "kept without result"]) index.note(id, "finished", place);
    const known = [...index.entries.keys()];
    index.note("new", "begun");
    index.note("kept", "acknowledged");
    const moved = { offset: 7, length: 1 };
    index.shrinkTo(
      known,
      new Map([
        ["kept", moved],
        ["kept without result", undefined],
      ]),
    );
    expect(Object.fromEntries(index.entries)).toEqual({
      kept: { state: "acknowledged", place: moved },
      "kept without result": { state: "finished", place: undefined },
      new: { state: "begun" },
    });
    expect([...index.unacknowledged]).toEqual(["kept without result"]);
  });
});
