import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  doNotTellOlder,
  forgetOldest,
  judge,
  type KnownRuns,
  type News,
  type RunFacts,
  type ValueFacts,
} from "../../../../src/runs/watch/judge.js";
import { noWishes, type Rule } from "../../../../src/runs/watch/rules.js";

const everything = { finished: true, failed: true, notFinite: true, stalled: 5, thresholds: ["acc > 0.9"] };
const rule = (more: Partial<Rule> = {}): Rule => ({
  ...everything,
  scope: { kind: "root" },
  since: 100,
  ...more,
});
const values = (more: Partial<ValueFacts> = {}): ValueFacts => ({
  firstNotFinite: undefined,
  reached: new Map(),
  lastAt: undefined,
  usualInterval: undefined,
  ...more,
});
const run = (more: Partial<RunFacts> = {}): RunFacts => ({
  id: "a",
  folder: "runs/vision/a",
  path: "vision",
  createdAt: 200,
  status: "running",
  sign: undefined,
  values: undefined,
  ...more,
});
const gone = { kind: "process-gone" } as const;

/** What is told of one state after another. */
function told(rules: readonly Rule[], states: readonly RunFacts[], step = 10): News[] {
  let known: KnownRuns = {};
  return states.flatMap((state, index) => {
    const result = judge(rules, known, [state], 1_000 + index * step);
    // As it comes back from a file.
    known = JSON.parse(JSON.stringify(result.known)) as KnownRuns;
    return result.news;
  });
}
const kinds = (news: readonly News[]): string => news.map(({ kind }) => kind).join();

describe("notifications about a run", () => {
  it.each(["finished", "failed", "interrupted"])("say once that it has %s", (status) => {
    expect(kinds(told([rule()], [run(), run({ status }), run({ status })]))).toBe(status);
    // Also where it began and ended between two looks.
    expect(kinds(told([rule()], [run({ status }), run({ status })]))).toBe(status);
  });

  it("say once that it has finished, even if a copy in the same root seems to run", () => {
    const copy = run({ folder: "runs/backup/a", path: "backup" });
    const looks: readonly (readonly RunFacts[])[] = [
      [run()],
      [run(), copy],
      [run({ status: "finished" }), copy],
      [run({ status: "finished" }), copy],
      [copy, run({ status: "finished" })],
      [run({ status: "finished" })],
    ];
    let known: KnownRuns = {};
    const news = looks.map((facts, index) => {
      const result = judge([rule()], known, facts, 1_000 + index * 10);
      known = JSON.parse(JSON.stringify(result.known)) as KnownRuns;
      return kinds(result.news);
    });
    expect(news).toEqual(["", "", "finished", "", "", ""]);
  });

  it("ignore a clock that is far ahead", () => {
    expect(told([rule()], [run({ status: "finished", createdAt: 1e12 })])).toEqual([]);
  });

  it("do not report runs that had ended before", () => {
    expect(told([rule({ since: 200 })], [run({ status: "failed" })])).toEqual([]);
    expect(told([rule()], [run({ status: "failed", createdAt: undefined })])).toEqual([]);
  });

  it("are sent only on request", () => {
    const only = { ...noWishes, scope: { kind: "root" }, since: 100, finished: true } as const;
    expect(told([only], [run(), run({ status: "failed" })])).toEqual([]);
    expect(told([rule({ scope: { kind: "run", id: "b" } })], [run(), run({ status: "failed" })])).toEqual([]);
    expect(told([rule({ scope: { kind: "group", path: "nlp" } })], [run({ status: "failed" })])).toEqual([]);
  });

  it("are of the run of the rule, and not of a copy with the same id", () => {
    const copy = { folder: "runs/backup/a", path: "backup" };
    const ofRun = rule({ scope: { kind: "run", id: "a", folder: "runs/vision/a" } });
    const first = judge([ofRun], {}, [run(), run(copy)], 1_000);
    const ended = [run({ status: "finished" }), run({ ...copy, status: "failed" })];
    expect(judge([ofRun], first.known, ended, 1_010).news).toEqual([
      { runId: "a", folder: "runs/vision/a", kind: "finished" },
    ]);
    // Also while the run itself lies in the recycle bin, and is not judged.
    const lies = (): boolean => true;
    expect(judge([ofRun], first.known, [run({ ...copy, status: "failed" })], 1_010, lies).news).toEqual([]);
  });

  it("go on for a run that was moved, and for rules of an earlier version, which have no folder", () => {
    const moved = { folder: "runs/nlp/a", path: "nlp" };
    for (const folder of ["runs/vision/a", undefined]) {
      const ofRun = rule({ scope: { kind: "run", id: "a", folder } });
      expect(kinds(told([ofRun], [run(), run({ ...moved, status: "finished" })]))).toBe("finished");
    }
  });

  it("say that its process is gone after the host has said so twice", () => {
    const dead = run({ status: "failed", sign: gone });
    expect(told([rule()], [run(), dead])).toEqual([]);
    expect(kinds(told([rule()], [run(), dead, dead, dead]))).toBe("crashed");
    // Asked once, judged twice.
    expect(told([rule()], [run(), dead, dead], 0)).toEqual([]);
  });

  it("do not say that a run in a container crashed while it keeps writing", () => {
    const dead = run({ status: "failed", sign: gone });
    expect(told([rule()], [run(), dead, run(), dead, dead, dead])).toEqual([]);
    expect(kinds(told([rule()], [run(), dead, run(), run({ status: "finished" })]))).toBe("finished");
  });

  it("report its first NaN or infinite value, with its step", () => {
    const nan = values({ firstNotFinite: { metric: "val_loss", step: 812, value: "NaN" } });
    expect(told([rule()], [run(), run({ values: nan }), run({ values: nan })])).toEqual([
      {
        runId: "a",
        folder: "runs/vision/a",
        kind: "not-finite",
        metric: "val_loss",
        step: 812,
        value: "NaN",
      },
    ]);
    // Before its end, where both came between two looks.
    expect(kinds(told([rule()], [run(), run({ values: nan, status: "failed" })]))).toBe("not-finite,failed");
  });

  it("report a threshold when it is reached, but not one reached before the rule", () => {
    const reached = values({ reached: new Map([["acc > 0.9", { step: 3, value: 0.95 }]]) });
    expect(told([rule()], [run(), run({ values: reached }), run({ values: reached })])).toEqual([
      {
        runId: "a",
        folder: "runs/vision/a",
        kind: "threshold",
        threshold: "acc > 0.9",
        step: 3,
        value: 0.95,
      },
    ]);
    expect(told([rule({ since: 200 })], [run({ values: reached }), run({ values: reached })])).toEqual([]);
    // Not where the values come later than the rule.
    expect(told([rule({ since: 200 })], [run(), run({ values: reached })])).toEqual([]);
  });

  it("say that it has stalled, by the host's clock, and again after it continued", () => {
    const at = (lastAt: number): RunFacts => run({ values: values({ lastAt, usualInterval: 20 }) });
    expect(
      told([rule()], [at(950), at(950)], 60).map((news) => news.kind === "stalled" && news.seconds),
    ).toEqual([110]);
    expect(kinds(told([rule()], [at(950), at(950), at(1_100), at(1_100), at(1_100)], 60))).toBe(
      "stalled,stalled",
    );
    // Who logs each millisecond has a minute.
    const quick = values({ lastAt: 950, usualInterval: 0.001 });
    expect(told([rule()], [run({ values: quick })])).toEqual([]);
    expect(told([rule()], [run({ values: values({ lastAt: 1, usualInterval: undefined }) })])).toEqual([]);
    // Whose process is gone has crashed.
    const dead = run({ status: "failed", sign: gone, values: values({ lastAt: 1, usualInterval: 1 }) });
    expect(kinds(told([rule()], [run(), dead, dead]))).toBe("crashed");
  });

  it("do not report old values when a rule was changed", () => {
    const reached = values({ reached: new Map([["acc > 0.9", { step: 3, value: 0.95 }]]) });
    const first = judge([rule({ thresholds: [] })], {}, [run({ values: reached })], 1_000);
    const known = doNotTellOlder(first.known, () => true);
    const second = judge([rule()], known, [run({ values: reached })], 1_010);
    expect(second.news).toEqual([]);
    expect(judge([rule()], second.known, [run({ values: reached })], 1_020).news).toEqual([]);
  });
});

describe("whatever happens to runs", () => {
  const state = fc.record({
    id: fc.constantFrom("a", "b", "__proto__", "constructor"),
    folder: fc.constantFrom("runs/vision/a", "runs/nlp/a"),
    path: fc.constantFrom("vision", "nlp"),
    createdAt: fc.constantFrom(undefined, 50, 150, 250),
    status: fc.constantFrom("running", "finished", "failed", "interrupted", "unknown"),
    sign: fc.constantFrom(undefined, gone),
    values: fc.option(
      fc.record({
        firstNotFinite: fc.constantFrom(undefined, { metric: "m", step: 1, value: "NaN" as const }),
        reached: fc.constantFrom(new Map(), new Map([["acc > 0.9", { step: 1, value: 1 }]])),
        lastAt: fc.constantFrom(undefined, 1, 900),
        usualInterval: fc.constantFrom(undefined, 0.1, 30),
      }),
      { nil: undefined },
    ),
  });
  const rules = [rule(), rule({ scope: { kind: "group", path: "nlp" }, since: 160 })];

  it("nothing is told twice, also after all was read again from a file", () => {
    fc.assert(
      fc.property(fc.array(state, { maxLength: 30 }), (states) => {
        let known: KnownRuns = {};
        states.forEach((one, index) => {
          const first = judge(rules, known, [one], 1_000 + index);
          known = JSON.parse(JSON.stringify(first.known)) as KnownRuns;
          expect(judge(rules, known, [one], 1_000 + index).news).toEqual([]);
        });
      }),
    );
  });

  it("an end is told at most once for each time that it ran", () => {
    fc.assert(
      fc.property(fc.array(state, { maxLength: 30 }), (states) => {
        const mine = states.map((one) => ({ ...one, id: "a" }));
        const ends = told(rules, mine).filter(({ kind }) => /finished|failed|interrupted|crashed/.test(kind));
        const running = mine.filter(({ status }) => status === "running").length;
        expect(ends.length).toBeLessThanOrEqual(running + 1);
      }),
    );
  });

  it("nothing is told of runs that ended before the rules, and never ran since", () => {
    fc.assert(
      fc.property(fc.array(state, { maxLength: 30 }), (states) => {
        const old = states.map((one) => ({
          ...one,
          createdAt: 50,
          status: one.status === "running" ? "failed" : one.status,
        }));
        expect(told(rules, old)).toEqual([]);
      }),
    );
  });
});

it("of very many runs the oldest that ended are forgotten, and are no news when they are seen again", () => {
  const runs = Array.from({ length: 30 }, (_, index) =>
    run({ id: `r${index}`, createdAt: 200 + index, status: index === 0 ? "running" : "finished" }),
  );
  const { known } = judge([rule()], {}, runs, 1_000);
  const kept = forgetOldest(known, 20);
  expect(Object.keys(kept.known).length).toBeLessThanOrEqual(20);
  expect(kept.known["r0"]).toBeDefined();
  expect(judge([rule({ since: kept.since ?? 0 })], kept.known, runs, 1_010).news).toEqual([]);
  expect(forgetOldest(known, 100).known).toBe(known);
});

it("of very many runs that seem to run, the newest are followed, and nothing is told twice", () => {
  const runs = Array.from({ length: 30 }, (_, index) => run({ id: `r${index}`, createdAt: 200 + index }));
  const { known } = judge([rule()], {}, runs, 1_000, undefined, 20);
  const kept = forgetOldest(known, 20);
  expect(Object.keys(kept.known)).toEqual(runs.slice(10).map(({ id }) => id));
  const later = [rule({ since: kept.since ?? 0 })];
  // The others are not taken up again.
  expect(judge(later, kept.known, runs, 1_010, undefined, 20)).toEqual({ news: [], known: kept.known });
  const next = run({ id: "next", createdAt: 300, status: "finished" });
  expect(judge(later, kept.known, [...runs, next], 1_020, undefined, 20).news).toEqual([
    { runId: "next", folder: "runs/vision/a", kind: "finished" },
  ]);
});
