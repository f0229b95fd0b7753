import { describe, expect, it } from "vitest";
import { parsePythonJson } from "../../../../src/common/text/pythonJson.js";

describe("JSON as Python writes it", () => {
  it.each([
    ['{"a": NaN, "b": [Infinity, -Infinity]}', { a: null, b: [null, null] }],
    ['{"NaN": "NaN and \\"Infinity", "x": NaN}', { NaN: 'NaN and "Infinity', x: null }],
    ["[1]", [1]],
  ])("%s", (text, expected) => expect(parsePythonJson(text)).toEqual(expected));
  it.each(["{", "NaN x", "[NaN"])("%s is none", (text) =>
    expect(() => parsePythonJson(text)).toThrow(SyntaxError),
  );

  it("takes no longer for a text made to be slow", () => {
    const quotes = `NaN "${'\\"'.repeat(2_000_000)}`;
    const nested = `NaN ${"[".repeat(4_000_000)}`;
    for (const text of [quotes, nested]) {
      const startedAt = performance.now();
      expect(() => parsePythonJson(text)).toThrow(SyntaxError);
      expect(performance.now() - startedAt).toBeLessThan(1_000);
    }
  });
});
