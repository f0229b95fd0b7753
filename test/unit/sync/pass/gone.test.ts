import { describe, expect, it } from "vitest";
import { doubtGone } from "../../../../src/sync/pass/gone.js";

const root = { device: "2049", inode: "17" };
const same = { before: root, now: root };

describe("files that are gone from the host", () => {
  it.each([
    ["none", { gone: 0, of: 40, isEmpty: false }, same, undefined],
    ["none, of an empty copy", { gone: 0, of: 0, isEmpty: true }, same, undefined],
    ["most, and few", { gone: 19, of: 20, isEmpty: false }, same, undefined],
    ["many, and the smaller part", { gone: 50, of: 100, isEmpty: false }, same, undefined],
    ["many and most", { gone: 20, of: 39, isEmpty: false }, same, "many"],
    ["all, and nothing else is there", { gone: 1, of: 1, isEmpty: true }, same, "empty"],
    [
      "one, of another folder",
      { gone: 1, of: 40, isEmpty: false },
      { before: root, now: { ...root, inode: "18" } },
      "other-folder",
    ],
    [
      "one, of a network disk that was mounted anew",
      { gone: 1, of: 40, isEmpty: false },
      { before: root, now: { ...root, device: "50" } },
      undefined,
    ],
    [
      "most, of another disk",
      { gone: 2, of: 3, isEmpty: false },
      { before: root, now: { ...root, device: "50" } },
      "other-folder",
    ],
    [
      "few, where nothing was noted",
      { gone: 2, of: 3, isEmpty: false },
      { before: undefined, now: root },
      undefined,
    ],
  ] as const)("%s", (_what, counts, roots, why) => {
    expect(doubtGone(counts, roots)).toBe(why);
  });
});
