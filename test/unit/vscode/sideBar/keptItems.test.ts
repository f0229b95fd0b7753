import { describe, expect, it } from "vitest";
import { keepItems } from "../../../../src/vscode/sideBar/keptItems.js";

describe("items of a view", () => {
  const hosts = (count: number): object[] => Array.from({ length: count }, () => ({}));

  /** How many of them are made when the view is loaded with these. */
  const made = (kept: ReturnType<typeof keepItems<object>>, of: readonly object[]): number => {
    let count = 0;
    for (const [at, host] of of.entries())
      kept.of(`host ${at}`, [host], () => {
        count += 1;
        return {};
      });
    kept.endRound();
    return count;
  };

  it("are all made the first time, and none where nothing changed", () => {
    const kept = keepItems<object>();
    const all = hosts(1_000);
    expect(made(kept, all)).toBe(1_000);
    expect(made(kept, all)).toBe(0);
  });

  it("are made anew for the one that changed, and for no other", () => {
    const kept = keepItems<object>();
    const all = hosts(1_000);
    made(kept, all);
    expect(made(kept, all.with(500, {}))).toBe(1);
  });

  it("are the same objects while unchanged", () => {
    const kept = keepItems<object>();
    const part = {};
    const first = kept.of("a", [part, "x"], () => ({}));
    kept.endRound();
    expect(kept.of("a", [part, "x"], () => ({}))).toBe(first);
    expect(kept.of("a", [part, "y"], () => ({}))).not.toBe(first);
    expect(kept.of("a", [part], () => ({}))).not.toBe(first);
  });

  it("are forgotten when they are not shown any more", () => {
    const kept = keepItems<object>();
    const all = hosts(2);
    made(kept, all);
    made(kept, []);
    expect(made(kept, all)).toBe(2);
  });
});
