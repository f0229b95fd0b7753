import { describe, expect, it } from "vitest";
import { matchesSearch, sectionsOf } from "../../../src/charts/sections.js";

describe("sections of metrics", () => {
  it("are those whose names begin alike, in their order, those without a beginning first", () => {
    expect(sectionsOf(["b/1", "loss", "a/x/1", "b/2", "/odd", "acc"])).toEqual([
      { prefix: "", metrics: ["loss", "/odd", "acc"] },
      { prefix: "b", metrics: ["b/1", "b/2"] },
      { prefix: "a", metrics: ["a/x/1"] },
    ]);
    expect(sectionsOf([])).toEqual([]);
  });
});

describe("searching metrics", () => {
  it("matches every word, anywhere, ignoring case", () => {
    expect(matchesSearch("layer_03/Grad_norm", "grad 03")).toBe(true);
    expect(matchesSearch("layer_03/Grad_norm", "grad 04")).toBe(false);
    expect(matchesSearch("anything", "  ")).toBe(true);
  });
});
