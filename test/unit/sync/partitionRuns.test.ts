import { describe, expect, it } from "vitest";
import type { Run } from "../../../src/sync/runIndex/runs.js";
import { partitionRuns } from "../../../src/sync/partitionRuns.js";

const run = (id: string, changes: Partial<Run> = {}): Run =>
  ({ id, folder: `runs/a/${id}`, status: "finished", isDeleted: false, isGone: false, ...changes }) as Run;
const foldersOf = (runs: readonly Run[]): string[] => runs.map(({ folder }) => folder);

describe("the runs of a copy", () => {
  const there = run("there");
  const deleted = run("deleted", { folder: "runs/.recycle/deleted", isDeleted: true });
  const gone = run("gone", { isGone: true });

  it("are on the host, in the recycle bin, or kept only here", () => {
    const sorted = partitionRuns([there, deleted, gone], true);
    expect(sorted).toEqual({ here: [there], deleted: [deleted], kept: [gone] });
  });

  it("are where they were while they are on their way out, where nothing is kept", () => {
    expect(partitionRuns([there, deleted, gone], false)).toEqual({
      here: [there, gone],
      deleted: [deleted],
      kept: [],
    });
  });

  it("that were moved or thrown away are listed where the host has them, and not also as gone", () => {
    const before = [
      run("there", { folder: "runs/old/there", isGone: true }),
      run("deleted", { isGone: true }),
    ];
    expect(partitionRuns([there, deleted, ...before], true).kept).toEqual([]);
  });

  it("that are gone from two places are listed once, and not in the recycle bin", () => {
    const binned = run("x", { folder: "runs/.recycle/x", isDeleted: true, isGone: true });
    expect(foldersOf(partitionRuns([binned, run("x", { isGone: true })], true).kept)).toEqual(["runs/a/x"]);
    expect(foldersOf(partitionRuns([binned], true).kept)).toEqual(["runs/.recycle/x"]);
  });

  it("that are gone are not said to be running", () => {
    const [kept] = partitionRuns([run("x", { isGone: true, status: "running" })], true).kept;
    expect(kept?.status).toBe("unknown");
  });
});
