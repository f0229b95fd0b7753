import { expect, it } from "vitest";
import { createPins } from "../../../../src/vscode/runs/pins.js";

function memento(kept: unknown) {
  const values = new Map<string, unknown>([["runs.pins", kept]]);
  return {
    get: (name: string) => values.get(name),
    update: (name: string, value: unknown) => Promise.resolve(void values.set(name, value)),
  };
}

const one = { syncId: "a", id: "1" };
const other = { syncId: "a", id: "2" };

it("runs stay pinned in the next window, and others are not", () => {
  const kept = memento(undefined);
  let changes = 0;
  const pins = createPins(kept, () => (changes += 1));
  pins.set([one, other], true);
  pins.set([other], false);
  const next = createPins(kept, () => undefined);
  expect([next.has(one), next.has(other), changes]).toEqual([true, false, 2]);
});

it.each([7, "a/1", { a: 1 }, [1, null, {}]])("%j as saved state pins nothing", (kept) => {
  expect(createPins(memento(kept), () => undefined).has(one)).toBe(false);
});
