import { describe, expect, it } from "vitest";
import { memberOf } from "../../../../src/vscode/runs/archivePath.js";

describe("a path into an archive", () => {
  it.each([
    ["runs/a/code_snapshot.zip/train.py", "runs/a/code_snapshot.zip", "train.py"],
    ["code_snapshot.zip/a/b.py", "code_snapshot.zip", "a/b.py"],
    ["r/code_snapshot.zip/code_snapshot.zip/x", "r/code_snapshot.zip", "code_snapshot.zip/x"],
  ])("is told from others: %s", (whole, archive, path) => {
    expect(memberOf(whole)).toEqual({ archive, path });
  });

  it.each(["", "runs/a/code_snapshot.zip", "runs/a/code_snapshot.zip/", "my_code_snapshot.zip/a", "a.zip/b"])(
    "is no other: %s",
    (whole) => {
      expect(memberOf(whole)).toBeUndefined();
    },
  );
});
