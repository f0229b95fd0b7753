import type { RunTable } from "../../../src/runs/runTable.js";
import { type ColumnFacts, runWith, tableOf } from "../runs/runTable.js";

/** Numbers that look like chance and are the same each time. */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const statuses = ["finished", "finished", "finished", "running", "failed", "interrupted"];

/**
 * A table of made-up runs of a sweep.
 * @param columnCount of all columns: those of every run, 40 parameters at most, and metrics.
 * @param changed rows whose metrics have got another value.
 */
export function manyRuns(
  count: number,
  columnCount: number,
  changed: ReadonlySet<number> = new Set(),
): RunTable {
  const next = numbersFrom(7);
  const startedAt = Date.UTC(2026, 10, 30) / 1000;
  const runs = Array.from({ length: count }, (_, row) =>
    runWith({
      id: `20261130_${String(120_000 + row)}_${(0xa00000 + row).toString(16)}`,
      alias: `trial-${count - row}`,
      path: `sweep/lr-${row % 7}`,
      tags: row % 5 === 0 ? ["good"] : [],
      status: statuses[row % statuses.length] ?? "finished",
      createdAt: startedAt - row * 60,
    }),
  );
  const own: ColumnFacts[] = [
    { group: "run", name: "status", kind: "text", values: (row) => runs[row]?.status },
    { group: "run", name: "host", kind: "text", values: (row) => (row % 3 ? "gpu-a100" : "lab") },
    { group: "run", name: "path", kind: "text", values: (row) => runs[row]?.path },
    { group: "run", name: "tags", kind: "text", values: (row) => runs[row]?.tags.join(", ") || undefined },
    { group: "run", name: "created", kind: "time", values: (row) => runs[row]?.createdAt },
    { group: "run", name: "duration", kind: "duration", values: (row) => (row * 37) % 90_000 },
  ];
  const parameters = Array.from({ length: Math.min(40, columnCount - own.length) }, (_, at): ColumnFacts => {
    const values = Float64Array.from(runs, () => Number((10 ** (-4 * next())).toPrecision(3)));
    if (at % 4 === 3)
      return {
        name: `model.layer${at}`,
        kind: "text",
        values: (row) => `block-${Math.floor((values[row] ?? 0) * 50)}`,
      };
    return { name: at === 0 ? "lr" : `optimizer.p${at}`, values: (row) => values[row] };
  });
  const metrics = Array.from(
    { length: columnCount - own.length - parameters.length },
    (_, at): ColumnFacts => {
      const values = Float64Array.from(runs, next);
      const isBest = at % 4 === 0;
      return {
        group: "metric",
        name: at < 4 ? "val_loss" : `layer_${Math.floor(at / 4)}/loss`,
        figure: (["best", "last", "min", "max"] as const)[at % 4]!,
        ...(isBest && { better: "min" as const }),
        values: (row) =>
          (at + row) % 40 === 1 ? undefined : (values[row] ?? 0) - (changed.has(row) ? 1 : 0),
      };
    },
  );
  return tableOf(runs, [...own, ...parameters, ...metrics]);
}
