import { describe, expect, it } from "vitest";
import { completeQuery } from "../../../../src/runs/query/completeQuery.js";
import { columnNamesOf } from "../../../../src/runs/query/columnNames.js";
import { runWith, tableOf } from "../../../support/runs/runTable.js";

const table = tableOf(
  [runWith({ id: "1", tags: ["good", "paper"] }), runWith({ id: "2", tags: ["good"] }), runWith({ id: "3" })],
  [
    { group: "run", name: "status", kind: "text", values: ["running", "failed", "failed"] },
    { group: "run", name: "host", kind: "text", values: ["gpu 2", "a100", "a100"] },
    { group: "run", name: "started", kind: "time", values: [1, 2, 3] },
    { name: "lr", values: [1e-3, 1e-3, 0.1] },
    { name: "layer norm", kind: "text", values: ["yes", "no", "no"] },
    { group: "run", name: "never", values: [undefined, undefined, undefined] },
    { group: "metric", name: "val_loss", figure: "last", values: [1, 2, 3] },
    { group: "metric", name: "val_loss", figure: "best", better: "min", values: [1, 2, 3] },
  ],
);

/** The line with the cursor at `|`, and what it becomes by each way to go on. */
function ways(line: string): string[] {
  const cursor = line.indexOf("|");
  const text = line.replace("|", "");
  const { from, to, items } = completeQuery(text, cursor, table);
  return items.map(({ insert }) => `${text.slice(0, from)}[${insert}]${text.slice(to)}`);
}

describe("completing a filter", () => {
  it.each<[string, string[]]>([
    ["|", ["[status]", "[host]", "[started]", "[lr]", '["layer norm"]', "[val_loss]"]],
    ["st|", ["[status]", "[started]", "[host]", "[metric.val_loss.last]"]],
    ["lo|", ["[val_loss]", "[metric.val_loss.last]"]],
    ["metric.|", ["[metric.val_loss.last]"]],
    ["status:|", ["status:[failed]", "status:[running]"]],
    ["status: |", ["status: [failed]", "status: [running]"]],
    ["status:r|", ["status:[running]"]],
    ["status:r|unning lr = 1", ["status:[running] lr = 1"]],
    ['host:"g|', ['host:["gpu 2"]']],
    ["host:g|", ['host:["gpu 2"]']],
    ["lr = |", ["lr = [0.001]", "lr = [0.1]"]],
    ["tag:|", ["tag:[good]", "tag:[paper]"]],
    ["-tag:p|", ["-tag:[paper]"]],
    ["nothing:|", []],
    ["lr = 1 sta|", ["lr = 1 [status]", "lr = 1 [started]"]],
    ['"lay|', ['["layer norm"]']],
  ])("%s", (line, expected) => {
    expect(ways(line)).toEqual(expected);
  });

  it("suggests an operator after a column name", () => {
    expect(ways("lr |").slice(0, 3)).toEqual(["lr [:]", "lr [~]", "lr [= ]"]);
    expect(ways("resnet |")[0]).toBe("resnet [status]");
    expect(ways("lr <|").length).toBeGreaterThan(0);
  });

  it("ranks values by the number of runs", () => {
    expect(completeQuery("status:", 7, table).items.map(({ count }) => count)).toEqual([2, 1]);
  });

  it("inserts names that resolve to their columns", () => {
    const names = columnNamesOf(table);
    for (const column of table.columns.values()) {
      const name = names.nameOf(column);
      expect(names.resolve(name)).toEqual({ kind: "column", column });
    }
  });
});
