import { describe, expect, it } from "vitest";
import type { Gpu, HostStatus } from "../../../src/glance/status.js";
import { trainingsOf } from "../../../src/glance/trainings.js";

const gpu = (index: string, ...pids: number[]): Gpu => ({
  index,
  name: "",
  use: undefined,
  memory: undefined,
  temperature: undefined,
  processes: pids.map((pid) => ({ pid, name: "python", memory: undefined, user: "ada" })),
});
const process = (beganAt: number, parent = 1) => ({ parent, user: "ada", name: "python", beganAt });
const status = {
  name: "gpu01",
  gpus: [gpu("0", 10), gpu("1", 99), gpu("2", 11)],
  processes: new Map([
    [10, process(1_000)],
    [11, process(1_010, 10)],
    [20, process(9_000)],
  ]),
} as unknown as HostStatus;
const run = { syncId: "s", id: "r", folder: "runs/r", pid: 10, hostname: "gpu01", startedAt: 1_005 };

describe("the trainings of a host", () => {
  it("are the runs whose process is there, with the GPUs that it and its children use", () => {
    const [one] = trainingsOf(status, [run]);
    expect(one).toMatchObject({ run, pid: 10, user: "ada" });
    expect(one?.gpus.map(({ index }) => index)).toEqual(["0", "2"]);
  });

  it("exclude runs of other machines, and those whose pid was reused", () => {
    const others = [
      { ...run, hostname: "gpu02" },
      { ...run, hostname: undefined },
      { ...run, pid: undefined },
      { ...run, pid: 12 },
      { ...run, pid: 20 },
    ];
    expect(trainingsOf(status, others)).toEqual([]);
  });
});
