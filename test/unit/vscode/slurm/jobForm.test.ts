import { describe, expect, it } from "vitest";
import { fieldName } from "../../../../src/messages/slurm/fieldNames.js";
import type { Partition } from "../../../../src/slurm/model/facts.js";
import { usualRequest } from "../../../../src/slurm/model/jobRequest.js";
import {
  checkedTime,
  type Cluster,
  fieldInput,
  firstRequest,
  type JobField,
  jobFields,
  partitionText,
  requestText,
  valueText,
  withInput,
} from "../../../../src/vscode/slurm/jobForm.js";

const partition = (name: string, more: Partial<Partition> = {}): Partition => ({
  name,
  isDefault: false,
  isUp: true,
  mostMinutes: undefined,
  nodes: 2,
  gres: "",
  ...more,
});

const cluster = (...partitions: readonly Partition[]): Cluster => ({
  kind: "present",
  version: "22.05.8",
  hasOverlap: true,
  partitions,
  accounts: [],
  qos: [],
  isAnswering: true,
});

const facts = cluster(
  partition("debug", { isDefault: true, mostMinutes: 600 }),
  partition("short", { mostMinutes: 1 }),
);

describe("the default job", () => {
  it("is small and takes no GPU", () => {
    expect(firstRequest(facts)).toEqual(usualRequest);
    expect(requestText(firstRequest(facts), facts)).toBe("debug · 2 h · 1 CPU · 1 GB · no GPU");
  });

  it("has a time limit that its partition allows", () => {
    expect(firstRequest(cluster(partition("a", { isDefault: true, mostMinutes: 30 }))).minutes).toBe(30);
  });

  it("is described even if the cluster reports nothing", () => {
    expect(requestText(usualRequest, cluster())).toBe("2 h · 1 CPU · 1 GB · no GPU");
    expect(valueText("partition", usualRequest, cluster())).toBe("the cluster's default");
  });
});

describe("what is entered", () => {
  const after = (field: JobField, text: string): unknown => withInput(field, text, usualRequest, facts);

  it("is requested", () => {
    expect(after("minutes", "90 min")).toEqual({ ...usualRequest, minutes: 90 });
    expect(after("cpus", "4")).toEqual({ ...usualRequest, cpus: 4 });
    expect(after("memory", "4 GB")).toEqual({ ...usualRequest, memory: 4096 });
    expect(after("gpus", "a100:2")).toEqual({ ...usualRequest, gpus: "a100:2" });
    expect(after("partition", "gpu")).toEqual({ ...usualRequest, partition: "gpu" });
    expect(after("account", "lab.x")).toEqual({ ...usualRequest, account: "lab.x" });
    expect(after("options", ' --constraint="big mem" ')).toEqual({
      ...usualRequest,
      options: '--constraint="big mem"',
    });
  });

  it("is left to the cluster where it is empty", () => {
    expect(after("memory", "")).toEqual({ ...usualRequest, memory: undefined });
    const full = { ...usualRequest, gpus: "1", account: "a", qos: "q", options: "--nice", partition: "p" };
    const emptied = (["gpus", "account", "qos", "options", "partition"] as const).reduce<typeof usualRequest>(
      (request, field) => withInput(field, "", request, facts) as typeof usualRequest,
      full,
    );
    expect(emptied).toEqual(usualRequest);
    expect(withInput("gpus", "0", full, facts)).toMatchObject({ gpus: undefined });
  });

  it.each([
    ["minutes", "soon"],
    ["minutes", "11 h"],
    ["cpus", "0"],
    ["cpus", "many"],
    ["memory", "much"],
    ["gpus", "all"],
    ["gpus", "1 --exclusive"],
    ["partition", "a b"],
    ["account", "-x"],
    ["qos", "a;b"],
    ["options", "a\nb"],
    ["options", '--constraint="big'],
    ["options", "--array=1-9"],
    ["options", "script.sh"],
    ["options", "x".repeat(1_001)],
  ] as const)("is refused with a reason: %s %j", (field, text) => {
    expect(after(field, text)).toEqual({ problem: expect.stringMatching(/\.$|: /) as string });
  });

  it("stands in the box as it can be entered again", () => {
    const request = {
      ...usualRequest,
      partition: "debug",
      gpus: "2",
      account: "a",
      qos: "q",
      options: "--nice",
    };
    for (const field of jobFields)
      expect(withInput(field, fieldInput(field, request), request, facts)).toEqual(request);
    expect(new Set(jobFields.map(fieldName)).size).toBe(jobFields.length);
  });
});

describe("a time that is too long for the partition", () => {
  it("is said before the job is asked for", () => {
    expect(checkedTime({ ...usualRequest, partition: "short" }, facts)).toEqual({
      problem: "The partition short allows at most 1 min.",
    });
    expect(checkedTime(usualRequest, facts)).toBe(usualRequest);
    expect(checkedTime({ ...usualRequest, partition: "unknown" }, facts)).toHaveProperty("minutes");
  });
});

it("tells a partition in a line", () => {
  expect(partitionText(partition("gpu", { mostMinutes: 1440, nodes: 1, gres: "gpu:a100:4" }))).toBe(
    "at most 1 d · 1 node · gpu:a100:4",
  );
  expect(partitionText(partition("x", { isDefault: true, isUp: false }))).toBe(
    "default · closed now · no time limit · 2 nodes",
  );
});
