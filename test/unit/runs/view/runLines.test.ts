import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RunValue } from "../../../../src/runs/runTable.js";
import { bestRowOf, defaultColumns, differs } from "../../../../src/runs/view/columnFacts.js";
import { figuresOf, groupRows } from "../../../../src/runs/view/groupRows.js";
import { orderRows } from "../../../../src/runs/view/orderRows.js";
import { createRunLines, holdLines, type Look } from "../../../../src/runs/view/runLines.js";
import { runWith, tableOf } from "../../../support/runs/runTable.js";

const everything: Look = { filter: "", sort: [], groupBy: undefined, collapsed: new Set() };
const rowsOf = (count: number): Uint32Array => Uint32Array.from({ length: count }, (_, row) => row);

function sorted(values: readonly (RunValue | undefined)[], isDescending = false): (RunValue | undefined)[] {
  const runs = values.map((_, row) => runWith({ id: String(row) }));
  const column = tableOf(runs, [{ name: "x", values }]).columns.get("parameter.x")!;
  return [...orderRows(rowsOf(values.length), [{ column, isDescending }], values.length)].map(
    (row) => values[row],
  );
}

describe("an order of rows", () => {
  it("has numbers before NaN, that before text, and what is missing last in both directions", () => {
    const values = ["b", undefined, 2, Number.NaN, "a", -Infinity, 1, Infinity];
    expect(sorted(values)).toEqual([-Infinity, 1, 2, Infinity, Number.NaN, "a", "b", undefined]);
    expect(sorted(values, true)).toEqual([Infinity, 2, 1, -Infinity, Number.NaN, "b", "a", undefined]);
  });

  it("sorts by numbers within texts", () => {
    expect(sorted(["trial-10", "trial-2", "Trial-1", "trial-02b", "z", "trial-"])).toEqual([
      "trial-",
      "Trial-1",
      "trial-2",
      "trial-02b",
      "trial-10",
      "z",
    ]);
  });

  it("keeps the order of equal rows, and uses the next column", () => {
    const runs = ["0", "1", "2", "3"].map((id) => runWith({ id }));
    const { columns } = tableOf(runs, [
      { name: "a", values: [1, 0, 1, 0] },
      { name: "b", values: [1, 2, 3, 4] },
    ]);
    const key = (name: string, isDescending: boolean) => ({
      column: columns.get(`parameter.${name}`)!,
      isDescending,
    });
    expect([...orderRows(rowsOf(4), [key("a", false)], 4)]).toEqual([1, 3, 0, 2]);
    expect([...orderRows(rowsOf(4), [key("a", true)], 4)]).toEqual([0, 2, 1, 3]);
    expect([...orderRows(rowsOf(4), [key("a", false), key("b", true)], 4)]).toEqual([3, 1, 2, 0]);
  });

  it("is a permutation that agrees with itself, whatever the values", () => {
    const value = fc.option(fc.oneof(fc.double(), fc.string(), fc.boolean()), { nil: undefined });
    fc.assert(
      fc.property(fc.array(value, { maxLength: 50 }), fc.boolean(), (values, isDescending) => {
        const once = sorted(values, isDescending);
        expect(sorted(once, isDescending)).toEqual(once);
        expect(once.filter((one) => one === undefined)).toHaveLength(
          values.filter((one) => one === undefined).length,
        );
        const firstMissing = once.indexOf(undefined);
        if (firstMissing >= 0) expect(once.slice(firstMissing).every((one) => one === undefined)).toBe(true);
      }),
    );
  });
});

const runs = ["0", "1", "2", "3", "4"].map((id) => runWith({ id }));
const facts = [
  { name: "model", kind: "text", values: ["a", "b", "a", undefined, "b"] },
  { group: "metric", name: "loss", figure: "best", better: "min", values: [3, 1, 2, Number.NaN, 5] },
] as const;
const table = tableOf(runs, facts);
const loss = table.columns.get("metric.loss.best")!;

describe("groups", () => {
  it("stand as their first rows do, with count, best and spread", () => {
    const groups = groupRows(Uint32Array.of(1, 2, 0, 4, 3), table.columns.get("parameter.model")!);
    expect(groups.map(({ value, rows }) => [value, [...rows]])).toEqual([
      ["b", [1, 4]],
      ["a", [2, 0]],
      [undefined, [3]],
    ]);
    expect(figuresOf(groups[0]!.rows, loss)).toEqual({
      count: 2,
      best: 1,
      bestRow: 1,
      mean: 3,
      deviation: 2,
      min: 1,
      max: 5,
    });
    expect(figuresOf(groups[2]!.rows, loss)).toBeUndefined();
  });

  it("hide the rows of those that are collapsed", () => {
    const look = { ...everything, groupBy: "parameter.model", collapsed: new Set(["string a"]) };
    const lines = createRunLines(table, look, 0);
    expect(Array.from({ length: lines.count }, (_, line) => lines.at(line))).toMatchObject([
      { kind: "group", isCollapsed: true },
      { kind: "group", isCollapsed: false },
      { kind: "run", row: 1 },
      { kind: "run", row: 4 },
      { kind: "group", isCollapsed: false },
      { kind: "run", row: 3 },
    ]);
    expect([lines.lineOf(0), lines.lineOf(4), lines.at(6)]).toEqual([undefined, 3, undefined]);
  });
});

describe("lines while somebody reads", () => {
  const look: Look = { ...everything, sort: [{ id: "metric.loss.best", isDescending: false }] };

  it("stay where they are while values change, and tell how many runs are new", () => {
    const before = createRunLines(table, look, 0);
    expect([...before.rows]).toEqual([1, 2, 0, 4, 3]);
    const later = tableOf(
      [runWith({ id: "new" }), ...runs.slice(1)],
      [{ group: "metric", name: "loss", figure: "best", better: "min", values: [0, 9, 8, 7, 6] }],
    );
    const held = holdLines(before, later, look, 0);
    expect([...held.lines.rows].map((row) => later.runAt(row).id)).toEqual(["1", "2", "4", "3"]);
    expect([held.fresh, held.isStale]).toEqual([1, true]);
    expect(holdLines(held.lines, later, { ...look, filter: "new" }, 0).fresh).toBe(1);
  });

  it("are up to date if the order is unchanged", () => {
    const before = createRunLines(table, look, 0);
    expect(holdLines(before, tableOf(runs, facts), look, 0)).toMatchObject({ fresh: 0, isStale: false });
  });

  it("ignore missing columns and invalid filters", () => {
    const lines = createRunLines(
      table,
      { ...look, sort: [{ id: "x", isDescending: true }], groupBy: "y", filter: "z = 1" },
      0,
    );
    expect([...lines.rows]).toEqual([0, 1, 2, 3, 4]);
    expect(lines.problems).toHaveLength(1);
  });
});

describe("facts of columns", () => {
  it("tell in which the runs differ, and which row is the best", () => {
    expect(differs(loss, 5)).toBe(true);
    expect(bestRowOf(loss, rowsOf(5))).toBe(1);
    expect(bestRowOf(loss, Uint32Array.of(3, 4))).toBeUndefined();
    expect(bestRowOf(table.columns.get("parameter.model")!, rowsOf(5))).toBeUndefined();
  });

  it("choose what is shown at first", () => {
    const all = tableOf(runs, [
      { group: "run", name: "status", kind: "text", values: () => "failed" },
      { group: "run", name: "host", kind: "text", values: () => "gpu" },
      { group: "run", name: "label", kind: "text", values: (row) => `r${row}` },
      { group: "run", name: "path", kind: "text", values: (row) => `p/${row}` },
      { group: "run", name: "duration", kind: "duration", values: (row) => row },
      { name: "seed", values: () => 1 },
      { name: "lr", values: (row) => row },
      { group: "metric", name: "loss", figure: "last", values: (row) => row },
      { group: "metric", name: "loss", figure: "best", better: "min", values: (row) => row },
      { group: "metric", name: "grad", figure: "last", values: (row) => row },
      { group: "metric", name: "grad", figure: "min", values: (row) => row },
    ]);
    expect(defaultColumns(all)).toEqual([
      "run.status",
      "run.label",
      "run.path",
      "metric.loss.best",
      "metric.grad.last",
      "parameter.lr",
      "run.duration",
    ]);
  });
});

describe("ten thousand runs with two hundred columns", () => {
  const many = Array.from({ length: 10_000 }, (_, row) =>
    runWith({ id: `2026_${row}`, alias: `trial-${row}` }),
  );
  const big = tableOf(
    many,
    Array.from({ length: 200 }, (_, at) => {
      const numbers = Float64Array.from(many, () => Math.random());
      const isText = at % 10 === 0;
      return isText
        ? {
            name: `p${at}`,
            kind: "text" as const,
            values: (row: number) => `value-${Math.floor((numbers[row] ?? 0) * 1e4)}`,
          }
        : { name: `p${at}`, values: (row: number) => (row % 50 ? numbers[row] : undefined) };
    }),
  );
  /** Milliseconds of processor time. */
  const fastest = (work: () => unknown): number => {
    const times = Array.from({ length: 5 }, () => {
      const before = process.cpuUsage();
      work();
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1_000;
    });
    return Math.min(...times);
  };

  it("are sorted and held within 100 ms, and filtered by another key within 50 ms", () => {
    const sortBy = (id: string) => () =>
      createRunLines(big, { ...everything, sort: [{ id, isDescending: true }] }, 0);
    const sorted = sortBy("parameter.p1")();
    const look = { ...everything, sort: [{ id: "parameter.p1", isDescending: true }] };
    const figures = {
      held: fastest(() => holdLines(sorted, big, look, 0)),
      numbers: fastest(sortBy("parameter.p1")),
      texts: fastest(sortBy("parameter.p10")),
      words: fastest(() => createRunLines(big, { ...everything, filter: "trial-9 p1 < 0.5" }, 0)),
      groups: fastest(() => createRunLines(big, { ...everything, groupBy: "parameter.p10" }, 0)),
    };
    expect(figures.held, JSON.stringify(figures)).toBeLessThan(100);
    expect(figures.numbers, JSON.stringify(figures)).toBeLessThan(100);
    expect(figures.texts, JSON.stringify(figures)).toBeLessThan(100);
    expect(figures.words, JSON.stringify(figures)).toBeLessThan(50);
    expect(figures.groups, JSON.stringify(figures)).toBeLessThan(100);
    if (process.env["SHOW_FIGURES"]) console.log(figures);
  });
});
