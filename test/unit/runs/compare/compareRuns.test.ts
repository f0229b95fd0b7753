import { describe, expect, it } from "vitest";
import { compareRuns } from "../../../../src/runs/compare/compareRuns.js";
import { detailsOf, figures } from "../runDetailsOf.js";

describe("runs side by side", () => {
  it("differ in values that some lack or that are not equal", () => {
    const { rows } = compareRuns([
      detailsOf({
        parameters: { lr: 0.1, seed: 1, "optimizer.name": "sgd" },
        environment: { python: "3.11" },
      }),
      detailsOf({ parameters: { lr: 0.01, seed: 1 }, environment: { python: "3.11" } }),
    ]);
    expect(rows.map(({ group, name, values, differs }) => [group, name, values, differs])).toEqual([
      ["parameter", "lr", [0.1, 0.01], true],
      ["parameter", "optimizer.name", ["sgd", undefined], true],
      ["parameter", "seed", [1, 1], false],
      ["environment", "python", ["3.11", "3.11"], false],
    ]);
  });

  it("have a best value where the metric says which is good", () => {
    const { rows } = compareRuns([
      detailsOf({
        metrics: { loss: figures({ last: 0.5, min: 0.2, max: 1, best: 0.2 }), time: figures({ last: 5 }) },
      }),
      detailsOf({
        metrics: { loss: figures({ last: 0.3, min: 0.3, max: 1, best: 0.3 }), time: figures({ last: 6 }) },
      }),
      detailsOf({
        metrics: { loss: figures({ last: 0.4, min: 0.2, max: 1, best: 0.2 }), time: figures({ last: 7 }) },
      }),
    ]);
    const [loss, time] = rows;
    expect([loss?.values, [...(loss?.best ?? [])]]).toEqual([
      [0.2, 0.3, 0.2],
      [0, 2],
    ]);
    expect([time?.values, time?.best.size]).toEqual([[5, 6, 7], 0]);
  });

  it("have no best where they contradict each other, or all have the same", () => {
    const [contrary] = compareRuns([
      detailsOf({ metrics: { x: figures({ last: 1, min: 1, max: 2, best: 1 }) } }),
      detailsOf({ metrics: { x: figures({ last: 1, min: 1, max: 2, best: 2 }) } }),
    ]).rows;
    expect(contrary?.best.size).toBe(0);
    const same = { metrics: { x: figures({ last: 1, min: 1, max: 2, best: 1 }) } };
    expect(compareRuns([detailsOf(same), detailsOf(same)]).rows[0]).toMatchObject({ differs: false });
  });

  it("treat NaN values as equal, and a number and its text as different", () => {
    const { rows } = compareRuns([
      detailsOf({ summary: { a: Number.NaN, b: 1 } }),
      detailsOf({ summary: { a: Number.NaN, b: "1" } }),
    ]);
    expect(rows.map(({ differs }) => differs)).toEqual([false, true]);
  });

  it("are bounded, whatever a run has, and tell how many are left out", () => {
    const parameters = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`p${index}`, index]));
    const summary = Object.fromEntries(Array.from({ length: 5_001 }, (_, index) => [`s${index}`, index]));
    const { rows, leftOut } = compareRuns([detailsOf({ parameters }), detailsOf({ summary })]);
    expect([rows.length, leftOut]).toEqual([10_000, 15_001]);
  });
});
