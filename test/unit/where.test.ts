import { describe, expect, it } from "vitest";
import { readWhere } from "../../src/where.js";

describe("the saved place of a viewer", () => {
  it.each([
    { kind: "login" },
    { kind: "running", jobId: "4711" },
    { kind: "job", request: { minutes: 120 } },
    {
      kind: "job",
      request: {
        minutes: 30,
        partition: "gpu",
        account: "lab",
        qos: "short",
        cpus: 2,
        memory: 4096,
        gpus: "a100:1",
        options: '--constraint="big mem"',
      },
    },
  ])("can be read: %j", (where) => {
    expect(readWhere(where)).toEqual(where);
  });

  it("ignores unknown fields, such as lines that somebody else wrote", () => {
    const request = { minutes: 5, linesBefore: ["rm -r ~"], more: 1 };
    expect(readWhere({ kind: "job", request, more: 1 })).toEqual({ kind: "job", request: { minutes: 5 } });
  });

  it.each([
    undefined,
    null,
    {},
    { kind: "host" },
    { kind: "running" },
    { kind: "running", jobId: "0" },
    { kind: "running", jobId: "1; rm" },
    { kind: "job" },
    { kind: "job", request: {} },
    { kind: "job", request: { minutes: 0 } },
    { kind: "job", request: { minutes: 1.5 } },
    { kind: "job", request: { minutes: 5, cpus: -1 } },
    { kind: "job", request: { minutes: 5, partition: 7 } },
    { kind: "job", request: { minutes: 5, options: "x".repeat(1_001) } },
  ])("is invalid: %j", (value) => {
    expect(readWhere(value)).toBeUndefined();
  });
});
