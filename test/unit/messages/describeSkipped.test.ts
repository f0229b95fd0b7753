import { expect, it } from "vitest";
import { describeSkipped } from "../../../src/messages/describeSkipped.js";

it("is empty if nothing was skipped", () => {
  expect(describeSkipped([])).toEqual([]);
});

it("names the first ones with their reasons, and counts the rest", () => {
  const skipped = ["a", "b\n", "", "d", "e", "f", "g"].map((path) => ({ path, why: "denied" as const }));
  const [count, ...lines] = describeSkipped(skipped);
  expect(count).toContain("7");
  expect(lines.slice(0, 3)).toEqual(
    ["a", "b\\x0a", "."].map((path) => `${path}: it may not be read on the host`),
  );
  expect(lines).toHaveLength(6);
  expect(lines.at(-1)).toBe("and 2 more");
  expect(describeSkipped([{ path: "a", why: "name-too-long" }])).toEqual([
    "One file or folder could not be copied; it is tried again:",
    "a: its name is too long for this machine",
  ]);
});
