import fc from "fast-check";
import { expect, it } from "vitest";
import { trimEndOf, trimOf } from "../../../../src/common/text/trimCharacter.js";

it("one character is taken off the ends, and none between", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("/", "a") }), (text) => {
      expect(trimEndOf(text, "/")).toBe(text.replace(/\/+$/, ""));
      expect(trimOf(text, "/")).toBe(text.replace(/^\/+|\/+$/g, ""));
    }),
  );
});
