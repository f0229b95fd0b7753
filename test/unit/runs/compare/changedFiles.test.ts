import { describe, expect, it } from "vitest";
import { changedFiles } from "../../../../src/runs/compare/changedFiles.js";

const snapshot = (files: Readonly<Record<string, readonly [bytes: number, crc32: number]>>) => ({
  files: new Map(Object.entries(files).map(([path, [bytes, crc32]]) => [path, { path, bytes, crc32 }])),
  leftOut: 0,
});

describe("the files of two runs' code", () => {
  it("are the same where size and checksum are", () => {
    const baseline = snapshot({ a: [1, 7], b: [1, 7], c: [2, 7], d: [1, 1] });
    const other = snapshot({ d: [1, 1], c: [1, 7], b: [1, 8], e: [0, 0] });
    expect(changedFiles(baseline, other)).toEqual([
      { path: "a", change: "removed" },
      { path: "b", change: "changed" },
      { path: "c", change: "changed" },
      { path: "e", change: "added" },
    ]);
  });
});
