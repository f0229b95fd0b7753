import { describe, expect, it } from "vitest";
import type { Job } from "../../../../src/slurm/model/job.js";
import { usualRequest } from "../../../../src/slurm/model/jobRequest.js";
import type { Cluster } from "../../../../src/vscode/slurm/jobForm.js";
import { whereRows } from "../../../../src/vscode/slurm/whereRows.js";

const facts: Cluster = {
  kind: "present",
  version: "22.05.8",
  hasOverlap: true,
  partitions: [],
  accounts: [],
  qos: [],
  isAnswering: true,
};
const job = (id: string, name: string): Job => ({
  id,
  key: undefined,
  name,
  partition: "gpu",
  state: { kind: "running", node: "node1", endsAt: undefined },
});

describe("the offered places", () => {
  it("are a job first, then the login node", () => {
    const rows = whereRows(facts, usualRequest, [], []);
    expect(rows.map(({ choice }) => choice.kind)).toEqual(["new-job", "login"]);
    expect(rows[0]?.description).toBe("2 h · 1 CPU · 1 GB · no GPU");
  });

  it("start with our existing job, and end with the user's own ones", () => {
    const rows = whereRows(facts, usualRequest, [job("1", "runicorn-remote")], [job("2", "train\u001b[0m")]);
    expect(rows.map(({ choice }) => choice.kind)).toEqual(["our-job", "new-job", "login", "running"]);
    expect(rows[0]?.description).toBe("node1");
    expect(rows[3]?.label).toContain("train\\x1b[0m");
    expect(rows[3]?.description).toBe("gpu · node1");
  });

  it("say that the cluster does not answer", () => {
    const [row] = whereRows({ ...facts, isAnswering: false }, usualRequest, [], []);
    expect(row?.description).toBe("the cluster does not answer now");
  });
});
