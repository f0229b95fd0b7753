import { expect, it } from "vitest";
import { above, below, isPath } from "../../../../src/vscode/rootPicker/paths.js";

it("folders above and below are told by their names", () => {
  expect(above("/a/b/")).toBe("/a");
  expect(above("/a")).toBe("/");
  expect(above("/")).toBeUndefined();
  expect(below("/", "a")).toBe("/a");
  expect(below("/a/", "b")).toBe("/a/b");
});

it("a path begins at the root or the home", () => {
  expect(["/", "/a", "~", "~/a"].every(isPath)).toBe(true);
  expect(["", "a", "~ada", "./a", "..", " /a"].some(isPath)).toBe(false);
});
