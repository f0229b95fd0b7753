import { describe, expect, it } from "vitest";
import type { RunName } from "../../../../src/runs/runName.js";
import type { RunColumn, RunTable } from "../../../../src/runs/runTable.js";
import type { Run } from "../../../../src/sync/runIndex/runs.js";
import { groupsBy, ownGroupings, tableGroupings } from "../../../../src/vscode/charts/groupRuns.js";
import { runWith } from "../../../support/runs/runTable.js";

describe("groups of runs", () => {
  it("are those of one value, the largest first, and of none", () => {
    expect(groupsBy({ values: ["a", undefined, "b", "b"] })).toEqual([
      { label: "b", runs: [2, 3] },
      { label: "a", runs: [0] },
      { label: "no value", runs: [1] },
    ]);
  });

  it("are a hundred at most, and one for all others", () => {
    const groups = groupsBy({ values: Array.from({ length: 500 }, (_, run) => `value\u202e ${run}`) });
    expect(groups).toHaveLength(101);
    expect(groups[0]?.label).toBe("value\\u{202e} 0");
    expect(groups.at(-1)).toMatchObject({ label: "400 other values" });
    expect(groups.flatMap(({ runs }) => runs)).toHaveLength(500);
  });

  it("are by the parameters in which they differ, of a table", () => {
    const column = (
      id: string,
      group: RunColumn["group"],
      values: readonly (number | undefined)[],
    ): RunColumn => ({
      ...{ id, group, name: id, figure: undefined, kind: "number", better: undefined },
      filled: values.length,
      at: (row) => values[row],
    });
    const columns = [
      column("lr", "parameter", [0.1, 0.01, undefined]),
      column("same", "parameter", [1, 1, 1]),
      column("loss", "summary", [1, 2, 3]),
    ];
    const rowOf = ({ id }: RunName): number | undefined => (id === "gone" ? undefined : Number(id));
    const table = { columns: new Map(columns.map((one) => [one.id, one])), rowOf } as unknown as RunTable;
    const runs = ["1", "0", "2", "gone"].map((id) => runWith({ id }));
    expect(tableGroupings(table, runs)).toEqual([
      { id: "lr", label: "lr", values: ["0.01", "0.1", undefined, undefined] },
    ]);
  });

  it("are by what any run has", () => {
    const run = { path: "a", status: "finished", hostname: undefined, tags: ["y", "x"] } as unknown as Run;
    const groupings = ownGroupings([run, { ...run, path: "" }]);
    expect(groupings.map(({ id, values }) => [id, values])).toEqual([
      ["run.path", ["a", undefined]],
      ["run.status", ["finished", "finished"]],
      ["run.tags", ["x, y", "x, y"]],
    ]);
  });
});
