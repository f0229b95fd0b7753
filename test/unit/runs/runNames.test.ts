import { describe, expect, it } from "vitest";
import { keyOfName } from "../../../src/runs/runName.js";
import { exactName, namesAmong, runsByName } from "../../../src/runs/runNames.js";
import { runWith } from "../../support/runs/runTable.js";

const one = runWith({ id: "a", folder: "runs/one/a" });
const other = runWith({ id: "a", folder: "runs/two/a" });
const lonely = runWith({ id: "b", folder: "runs/one/b" });
const elsewhere = runWith({ id: "b", folder: "runs/two/b", syncId: "another" });
const all = [one, other, lonely, elsewhere];

describe("names of runs", () => {
  it("tell two runs of one root from each other whose folders have the same name", () => {
    const names = all.map(namesAmong(all));
    expect(new Set(names.map(keyOfName)).size).toBe(4);
    expect(names.map(runsByName(all))).toEqual(all);
  });

  it("stay what they are where a run is moved and no other has its name", () => {
    const name = namesAmong(all)(lonely);
    expect(name).toEqual({ syncId: "root", id: "b" });
    const moved = { ...lonely, folder: "runs/three/b" };
    expect(runsByName([one, other, moved])(name)).toBe(moved);
  });

  it("find nothing in the place of a run that is gone", () => {
    expect(runsByName([other])(namesAmong(all)(one))).toBeUndefined();
    expect(runsByName([])(exactName(one))).toBeUndefined();
  });
});
