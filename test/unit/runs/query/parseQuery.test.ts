import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { completeQuery } from "../../../../src/runs/query/completeQuery.js";
import { matchQuery } from "../../../../src/runs/query/matchQuery.js";
import { longestQuery, parseQuery, writePiece } from "../../../../src/runs/query/parseQuery.js";
import { runWith, tableOf } from "../../../support/runs/runTable.js";

const runs = Array.from({ length: 20 }, (_, row) =>
  runWith({ id: `run-${row}`, tags: row % 2 ? ["odd"] : [] }),
);
const table = tableOf(runs, [
  { group: "run", name: "status", kind: "text", values: () => "finished" },
  { group: "run", name: "started", kind: "time", values: (row) => row * 1e6 },
  { group: "run", name: "duration", kind: "duration", values: (row) => row * 60 },
  { group: "run", name: "size", kind: "bytes", values: (row) => row * 1e6 },
  { name: "lr", values: (row) => (row % 3 ? row / 10 : Number.NaN) },
  { name: "model name", kind: "text", values: (row) => (row % 3 ? `m${row}` : true) },
  { group: "metric", name: "loss", figure: "best", better: "min", values: (row) => row },
]);

/** Lines that look like ones that people write, and others. */
const parts = fc.oneof(
  fc.constantFrom("lr", "loss", "status", "started", "duration", "size", "tag", "model name", "x"),
  fc.constantFrom(":", "~", "=", "!=", "<", "<=", ">", ">=", "!", "-", " ", "  ", '"', "'", "\\", ",", "*"),
  fc.constantFrom(
    "1e-3",
    "2h",
    "3d",
    "2026-01-01",
    "10MB",
    "nan",
    "finished",
    "odd",
    "constructor",
    "__proto__",
  ),
  fc.string({ unit: "binary" }),
);
const lines = fc.array(parts, { maxLength: 30 }).map((all) => all.join(""));

describe("any filter", () => {
  it("parses without an exception, with problems within its text and terms in order", () => {
    fc.assert(
      fc.property(lines, fc.nat({ max: 400 }), (line, cursor) => {
        const query = parseQuery(line);
        let last = 0;
        for (const { from, to } of query.terms) {
          expect(from).toBeGreaterThanOrEqual(last);
          expect(to).toBeGreaterThan(from);
          last = to;
        }
        const { problems, matches } = matchQuery(query, table, 1e9);
        for (const { from, to } of problems) {
          expect(from).toBeGreaterThanOrEqual(0);
          expect(to).toBeGreaterThan(from);
          expect(to).toBeLessThanOrEqual(line.length);
        }
        runs.forEach((_, row) => expect(typeof matches(row)).toBe("boolean"));
        const { from, to, items } = completeQuery(line, cursor, table);
        expect(from).toBeLessThanOrEqual(to);
        expect(to).toBeLessThanOrEqual(line.length);
        expect(items.length).toBeLessThanOrEqual(50);
      }),
      { numRuns: 3_000 },
    );
  });

  it("matches with a minus exactly the runs that it does not match without", () => {
    fc.assert(
      fc.property(lines, (line) => {
        const { terms, problems } = parseQuery(line);
        const [term] = terms;
        if (!term || terms.length > 1 || problems.length > 0 || term.isNot) return;
        const [one, other] = [term, { ...term, isNot: true }].map((each) =>
          matchQuery({ terms: [each], problems: [] }, table, 1e9),
        );
        if (!one || !other || one.problems.length > 0) return;
        runs.forEach((_, row) => expect(one.matches(row)).toBe(!other.matches(row)));
      }),
      { numRuns: 2_000 },
    );
  });

  it("finds each text that is quoted into it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 100 }), (text) => {
        expect(parseQuery(`lr = ${writePiece(text)} x`)).toMatchObject({
          terms: [{ kind: "comparison", value: { text } }, { kind: "word" }],
          problems: [],
        });
      }),
    );
  });

  it.each(["=", '"', "\\", "-", " ", "a", "a=", "1h", '"\\', "9", "-a:b,c "])(
    "is parsed in linear time: %j",
    (part) => {
      const line = part.repeat(1_000_000 / part.length);
      const started = performance.now();
      const query = parseQuery(line);
      const { matches } = matchQuery(query, table, 1e9);
      runs.forEach((_, row) => matches(row));
      completeQuery(line, longestQuery, table);
      expect(performance.now() - started).toBeLessThan(200);
    },
  );
});
