import { expect, it } from "vitest";
import { createWindowBudget } from "../../../../src/tunnel/relay/windowBudget.js";

const MiB = 1024 * 1024;

it("a window gets twice as wide, up to 2 MiB", () => {
  const budget = createWindowBudget();
  expect([256 * 1024, MiB, 2 * MiB].map((window) => budget.widen(window))).toEqual([256 * 1024, MiB, 0]);
});

it("all windows together are limited, and a closed one frees its share", () => {
  const budget = createWindowBudget(3 * MiB);
  budget.enter(MiB);
  budget.enter(MiB);
  expect(budget.widen(MiB)).toBe(MiB);
  expect(budget.widen(MiB)).toBe(0);
  budget.leave(2 * MiB);
  expect(budget.widen(MiB)).toBe(MiB);
});
