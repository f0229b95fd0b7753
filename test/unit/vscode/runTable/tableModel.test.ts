import { describe, expect, it } from "vitest";
import { createValueText } from "../../../../src/runs/view/valueText.js";
import { readFromRunTablePage } from "../../../../src/vscode/runTable/fromRunTablePage.js";
import { createTableModel, type TableModel } from "../../../../src/vscode/runTable/tableModel.js";
import {
  firstState,
  readTableState,
  sortedBy,
  type TableState,
} from "../../../../src/vscode/runTable/tableState.js";
import { readToRunTablePage } from "../../../../src/vscode/runTable/toRunTablePage.js";
import { runWith, tableOf } from "../../../support/runs/runTable.js";

const all = ["a", "b", "c", "d"].map((id) =>
  runWith({ id, alias: `run ${id}`, status: id === "a" ? "running" : "finished" }),
);
const tableFor = (runs: typeof all, values: readonly number[]) =>
  tableOf(runs, [
    { group: "run", name: "status", kind: "text", values: (row) => runs[row]?.status },
    { name: "lr", values: (row) => (row % 2 ? 0.1 : 0.2) },
    { group: "metric", name: "loss", figure: "best", better: "min", values },
  ]);

function modelWith(changes: Partial<TableState> = {}): { model: TableModel; kept: () => TableState } {
  let kept = { ...firstState, ...changes };
  const model = createTableModel({
    state: kept,
    valueText: createValueText("en"),
    now: () => 0,
    onState: (state) => (kept = state),
  });
  model.setTable(tableFor(all, [4, 3, 2, 1]), true);
  return { model, kept: () => kept };
}

const namesIn = (model: TableModel): readonly (string | undefined)[] =>
  model.rows({ kind: "rows", from: 0, to: 100, columns: ["run.label"] }).rows.map(({ cells }) => cells[0]);

describe("the table of runs", () => {
  it("selects one of two runs whose folders have the same name", () => {
    const { model } = modelWith();
    const twins = ["one", "two"].map((path) => runWith({ id: "a", folder: `runs/${path}/a`, path }));
    model.setTable(tableFor(twins, [1, 2]), true);
    model.select({ kind: "select", how: "only", line: 1 });
    expect(model.chosen(undefined).map(({ path }) => path)).toEqual(["two"]);
    const { rows } = model.rows({ kind: "rows", from: 0, to: 2, columns: [] });
    expect(rows.map((row) => row.kind === "run" && row.isSelected)).toEqual([false, true]);
  });

  it("begins with the columns that tell most, and sends messages that the page takes", () => {
    const { model } = modelWith();
    const lines = model.lines();
    expect(lines.columns.map(({ id }) => id)).toEqual([
      "run.status",
      "run.label",
      "metric.loss.best",
      "parameter.lr",
    ]);
    const rows = model.rows({ kind: "rows", from: 0, to: 2, columns: lines.columns.map(({ id }) => id) });
    expect(rows.rows).toEqual([
      {
        kind: "run",
        cells: ["running", "run a", "4", "0.2"],
        best: [],
        status: "running",
        isSelected: false,
      },
      {
        kind: "run",
        cells: ["finished", "run b", "3", "0.1"],
        best: [],
        status: "finished",
        isSelected: false,
      },
    ]);
    for (const message of [
      lines,
      rows,
      model.choices({ kind: "choices", request: 1, search: "" }),
      model.completions({ kind: "complete", request: 1, text: "l", cursor: 1 }),
    ])
      expect(readToRunTablePage(message)).toBe(message);
  });

  it("marks the best of a column among those that are shown", () => {
    const { model } = modelWith();
    const best = (): number[] =>
      model
        .rows({ kind: "rows", from: 0, to: 4, columns: ["metric.loss.best"] })
        .rows.flatMap((row, at) => (row.kind === "run" && row.best.length > 0 ? [at] : []));
    expect(best()).toEqual([3]);
    model.filter("loss > 1");
    expect(best()).toEqual([2]);
  });

  it("keeps its order while somebody reads, and takes what is new when asked to", () => {
    const { model } = modelWith({ sort: [{ id: "metric.loss.best", isDescending: false }] });
    expect(namesIn(model)).toEqual(["run d", "run c", "run b", "run a"]);
    model.setReading(true);
    const { revision } = model.lines();
    model.setTable(tableFor([runWith({ id: "new", alias: "run new" }), ...all], [0, 1, 2, 3, 4]), true);
    expect(namesIn(model)).toEqual(["run d", "run c", "run b", "run a"]);
    expect(model.lines()).toMatchObject({ revision, fresh: 1, isStale: true, total: 5 });
    model.renew();
    expect(namesIn(model)).toEqual(["run new", "run a", "run b", "run c", "run d"]);
    expect(model.lines()).toMatchObject({ fresh: 0, isStale: false });
    model.setReading(false);
    model.setTable(tableFor(all, [1, 2, 3, 4]), true);
    expect(namesIn(model)).toEqual(["run a", "run b", "run c", "run d"]);
  });

  it("groups, folds, and says of each group how its values are", () => {
    const { model } = modelWith();
    model.group("parameter.lr");
    const { rows } = model.rows({ kind: "rows", from: 0, to: 9, columns: ["metric.loss.best"] });
    expect(rows[0]).toMatchObject({ kind: "group", title: "lr: 0.2 · 2 runs", cells: ["best 2 · 3 ± 1"] });
    model.toggle(0);
    expect(model.lines().count).toBe(4);
    model.toggle(0);
    expect(model.lines().count).toBe(6);
  });

  it("lets runs be selected, and keeps them selected when a filter hides them", () => {
    const { model } = modelWith();
    const select = (how: "only" | "toggle" | "range" | "all" | "none", line: number): void =>
      model.select({ kind: "select", how, line });
    select("only", 1);
    select("range", 3);
    expect(model.chosen(undefined).map(({ id }) => id)).toEqual(["b", "c", "d"]);
    select("toggle", 2);
    expect(model.lines().selected).toBe(2);
    model.filter("status:running");
    expect(model.chosen(undefined).map(({ id }) => id)).toEqual(["b", "d"]);
    select("all", 0);
    expect(model.chosen(undefined).map(({ id }) => id)).toEqual(["a", "b", "d"]);
    select("none", 0);
    expect(model.chosen(0).map(({ id }) => id)).toEqual(["a"]);
    expect(model.chosen(undefined)).toEqual([]);
  });

  it("removes missing runs, and moves up the rows below", () => {
    const { model } = modelWith();
    model.setReading(true);
    model.select({ kind: "select", how: "only", line: 0 });
    model.setTable(tableFor(all.slice(1), [3, 2, 1]), true);
    expect(model.lines()).toMatchObject({ selected: 0, count: 3 });
  });

  it("saves the user's choices", () => {
    const { model, kept } = modelWith();
    model.toggleColumn("metric.loss.best");
    model.sort({ kind: "sort", column: "parameter.lr", isAdded: false });
    expect(readTableState(JSON.parse(JSON.stringify(kept())))).toEqual(kept());
    expect(kept().columns?.map(({ id }) => id)).toEqual(["run.status", "run.label", "parameter.lr"]);
    expect(readTableState({ filter: 3 })).toEqual(firstState);
    expect(readTableState(undefined)).toEqual(firstState);
  });

  it("is sorted by a column up, then down, then no more, and by several", () => {
    const step = (sort: TableState["sort"], id: string, isAdded: boolean) =>
      sortedBy({ ...firstState, sort }, id, isAdded);
    const up = step([], "x", false);
    expect(up).toEqual([{ id: "x", isDescending: false }]);
    const down = step(up, "x", false);
    expect(down).toEqual([{ id: "x", isDescending: true }]);
    expect(step(down, "x", false)).toEqual([]);
    expect(step(down, "y", true)).toEqual([...down, { id: "y", isDescending: false }]);
  });

  it("sends no message over a mebibyte, whatever the texts are, and the rest when it is asked again", () => {
    const long = "\u0001".repeat(100_000);
    const many = Array.from({ length: 500 }, (_, row) => runWith({ id: String(row), alias: long }));
    const ids = Array.from({ length: 100 }, (_, at) => `parameter.p${at}`);
    const table = tableOf(
      many,
      ids.map((id) => ({ name: id.slice(10), kind: "text", values: () => long })),
    );
    const { model } = modelWith();
    model.setTable(table, true);
    const { rows } = model.rows({ kind: "rows", from: 0, to: 500, columns: ids });
    expect(rows.length).toBeGreaterThan(0);
    expect(Buffer.byteLength(JSON.stringify(rows))).toBeLessThan(2 ** 20);
    model.setColumns(ids.map((id) => ({ id, width: 100, isPinned: false })));
    expect(Buffer.byteLength(JSON.stringify(model.lines()))).toBeLessThan(2 ** 20);
    const choices = model.choices({ kind: "choices", request: 1, search: "" });
    expect(Buffer.byteLength(JSON.stringify(choices))).toBeLessThan(2 ** 20);
  });
});

describe("messages of the page", () => {
  it("are taken only as they should be", () => {
    expect(readFromRunTablePage({ kind: "rows", from: 0, to: 9, columns: ["a"] })).toBeDefined();
    for (const wrong of [
      undefined,
      {},
      { kind: "rows", from: -1, to: 9, columns: [] },
      { kind: "rows", from: 0, to: Infinity, columns: [] },
      { kind: "select", how: "every", line: 0 },
      { kind: "act", action: "rm" },
      { kind: "columns", columns: [{ id: "a", width: 1, isPinned: false }] },
    ])
      expect(readFromRunTablePage(wrong)).toBeUndefined();
    expect(readToRunTablePage({ kind: "lines" })).toBeUndefined();
  });
});
