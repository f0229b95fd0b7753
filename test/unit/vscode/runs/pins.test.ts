import { expect, it } from "vitest";
import { createPins } from "../../../../src/vscode/runs/pins.js";

function memento(kept: unknown) {
  const values = new Map<string, unknown>([["runs.pins", kept]]);
  return {
    get: (name: string) => values.get(name),
    // As it comes back from a file.
    update: (name: string, value: unknown) =>
      Promise.resolve(void values.set(name, JSON.parse(JSON.stringify(value)))),
  };
}

const one = { syncId: "a", id: "1", folder: "runs/vision/1" };
const other = { syncId: "a", id: "2", folder: "runs/vision/2" };
const copy = { ...one, folder: "runs/backup/1" };
const elsewhere = { ...one, syncId: "b" };
const all = [one, other, copy];

function pinnedIn(kept: ReturnType<typeof memento>, runs: readonly (typeof one)[] = all) {
  return runs.filter(createPins(kept, () => undefined).among(runs));
}

it("runs stay pinned in the next window, and others are not", () => {
  const kept = memento(undefined);
  let changes = 0;
  const pins = createPins(kept, () => (changes += 1));
  pins.set([one, other], true, all);
  pins.set([other], false, all);
  expect([pinnedIn(kept), pinnedIn(kept, [elsewhere]), changes]).toEqual([[one], [], 2]);
});

it("a run is pinned without its copy, and unpinned without it", () => {
  const kept = memento(undefined);
  const pins = createPins(kept, () => undefined);
  pins.set([one], true, all);
  expect(pinnedIn(kept)).toEqual([one]);
  pins.set([copy], true, all);
  pins.set([one], false, all);
  expect(pinnedIn(kept)).toEqual([copy]);
});

it("a run that was moved stays pinned, and is unpinned where it is now", () => {
  const kept = memento(undefined);
  const pins = createPins(kept, () => undefined);
  pins.set([one], true, all);
  const moved = { ...one, folder: "runs/nlp/1" };
  expect(pinnedIn(kept, [moved, other])).toEqual([moved]);
  pins.set([moved], false, [moved, other]);
  expect(pinnedIn(kept, [moved, other])).toEqual([]);
});

it("pins of an earlier version are those of a run and its copies, until one is unpinned", () => {
  const kept = memento(["a/1"]);
  expect(pinnedIn(kept)).toEqual([one, copy]);
  createPins(kept, () => undefined).set([one], false, all);
  expect(pinnedIn(kept)).toEqual([copy]);
});

it.each([7, "a/1", { a: 1 }, [1, null, {}, "1", { syncId: "a", id: "1" }]])(
  "%j as saved state pins nothing",
  (kept) => {
    expect(pinnedIn(memento(kept))).toEqual([]);
  },
);
