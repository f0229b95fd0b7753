import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { displayLabel, displayText } from "../../../../src/common/text/displayText.js";

describe("displayText", () => {
  it.each([
    ["plain 中文 text", "plain 中文 text"],
    ["two\nlines", "two\\x0alines"],
    ["\u001b[31mred", "\\x1b[31mred"],
    ["bad \udcff byte", "bad \\xff byte"],
    ["right-to-left \u202eoverride", "right-to-left \\u{202e}override"],
    ["emoji 🦄", "emoji 🦄"],
    ["a family 👨‍👩‍👧 and ❤️‍🔥", "a family 👨‍👩‍👧 and ❤️‍🔥"],
    ["joined \u200d letters", "joined \\u{200d} letters"],
  ])("shows %j as %j", (text, shown) => {
    expect(displayText(text)).toBe(shown);
  });

  it("never lets a control character through", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(displayText(text).replaceAll("\u200d", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      }),
    );
  });
});

it("displayLabel leaves no icon in a name", () => {
  expect(displayLabel("$(trash) \u0007")).toBe("\\$(trash) \\x07");
});
