import { expect, it } from "vitest";
import { changedTags } from "../../../../src/vscode/writeBack/changedTags.js";

it.each([
  ["one that was added", "a, b", "a, b, c", ["a", "b"], ["a", "b", "c"]],
  ["one that was taken away", "a, b", "b", ["a", "b"], ["b"]],
  ["what others did meanwhile", "a, b", "a, b, c", ["a", "x"], ["a", "x", "c"]],
  ["tags that were not shown", "a", "a, c", ["a", "long", "longer"], ["a", "long", "longer", "c"]],
  ["a tag with a comma", "a, b", "a, b, c", ["a, b"], ["a, b", "c"]],
  ["a tag with a comma that was taken away", "a, b, c", "c", ["a, b", "c"], ["c"]],
  ["all of them", "a, b", " , ", ["a", "b"], []],
  ["no tag twice", "a", "a, b, b", ["a", "b"], ["a", "b"]],
])("heeds %s", (_what, shown, written, now, tags) => {
  expect(changedTags(shown, written, now)).toEqual(tags);
});
