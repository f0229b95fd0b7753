import { expect, it } from "vitest";
import { presentAmong } from "../../../../src/runs/meantRuns.js";
import { noWishes, replaceRule, type Rule, ruleFor, type Scope } from "../../../../src/runs/watch/rules.js";

const runs = [
  { id: "a", folder: "runs/vision/a", path: "vision" },
  { id: "a", folder: "runs/backup/a", path: "backup" },
  { id: "b", folder: "runs/vision/b", path: "vision" },
];
const all = { runs, isPresent: presentAmong(runs) };
const scopeOf = (folder?: string, id = "a"): Scope => ({ kind: "run", id, folder });
const rule = (scope: Scope, since = 1): Rule => ({ ...noWishes, finished: true, scope, since });

it("a run and its copy have rules of their own", () => {
  const [own, copys] = [rule(scopeOf("runs/vision/a")), rule(scopeOf("runs/backup/a"), 2)];
  const both = replaceRule([own], copys.scope, copys, all);
  expect(both).toEqual([own, copys]);
  expect(ruleFor(both, copys.scope, all.isPresent)).toEqual(copys);
  expect(replaceRule(both, own.scope, undefined, all)).toEqual([copys]);
});

it("a rule of an earlier version is that of a run and its copies, and stays theirs when one's is changed", () => {
  const earlier = rule(scopeOf());
  expect(ruleFor([earlier], scopeOf("runs/vision/a"), all.isPresent)).toBe(earlier);
  expect(replaceRule([earlier], scopeOf("runs/vision/a"), undefined, all)).toEqual([
    rule(scopeOf("runs/backup/a")),
  ]);
});

it("the rule of a run that was moved is found and replaced", () => {
  const moved = rule(scopeOf("runs/old/b", "b"));
  const now = rule(scopeOf("runs/vision/b", "b"), 2);
  expect(ruleFor([moved], now.scope, all.isPresent)).toBe(moved);
  expect(replaceRule([moved], now.scope, now, all)).toEqual([now]);
});

it("rules for a path and for the root are replaced by those with the same scope alone", () => {
  const rules = [
    rule({ kind: "root" }),
    rule({ kind: "group", path: "vision" }),
    rule(scopeOf("runs/vision/b", "b")),
  ];
  expect(replaceRule(rules, { kind: "root" }, undefined, all)).toEqual(rules.slice(1));
  expect(replaceRule(rules, { kind: "group", path: "vision" }, undefined, all)).toEqual([rules[0], rules[2]]);
});
