import fc from "fast-check";
import { expect, it } from "vitest";
import { isReached, parseThreshold, thresholdText } from "../../../../src/runs/watch/threshold.js";

it.each([
  ["val_acc > 0.9", "val_acc > 0.9"],
  ["val_acc>0.9", "val_acc > 0.9"],
  ["  eval/loss <= 1e-3 ", "eval/loss <= 0.001"],
  ["Genauigkeit in % >= -.5", "Genauigkeit in % >= -0.5"],
])("%s is a threshold", (text, written) => {
  const threshold = parseThreshold(text);
  expect(threshold && thresholdText(threshold)).toBe(written);
  expect(parseThreshold(written)).toEqual(threshold);
});

it.each([
  "",
  "0.9",
  "val_acc",
  "> 0.9",
  "val_acc > ",
  "val_acc > high",
  "val_acc = 1",
  "a > 1e999",
  "a > 0x10",
  `${"a".repeat(1_000)} > 1`,
])("%j is none", (text) => expect(parseThreshold(text)).toBeUndefined());

it("says whether a value reaches it", () => {
  const reached = (text: string, value: number): boolean => isReached(parseThreshold(text) ?? fail(), value);
  expect([reached("a > 1", 1), reached("a >= 1", 1), reached("a < 1", 1), reached("a <= 1", 1)]).toEqual([
    false,
    true,
    false,
    true,
  ]);
});

it("reads any text", () => {
  fc.assert(fc.property(fc.string(), (text) => void parseThreshold(text)));
});

function fail(): never {
  throw new Error("not a threshold");
}
