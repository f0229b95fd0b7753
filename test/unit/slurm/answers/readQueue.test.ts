import { describe, expect, it } from "vitest";
import { neverStarts } from "../../../../src/messages/slurm/queueReasons.js";
import { readDuration, readEnd, readQueue } from "../../../../src/slurm/answers/readQueue.js";

const now = 1_800_000_000_000;
const read = (...lines: string[]) => readQueue(["now 1700000000", ...lines].join("\n"), now);

describe("readQueue", () => {
  it("reads jobs that wait, by our clock", () => {
    expect(
      read("7|PENDING|Resources|1700000060|10:00|n/a|debug|runicorn-remote:0a1b2c3d|runicorn-remote"),
    ).toEqual([
      {
        id: "7",
        key: "0a1b2c3d",
        name: "runicorn-remote",
        partition: "debug",
        state: { kind: "queued", reason: "Resources", expectedStart: now + 60_000, isStuck: false },
      },
    ]);
  });

  it.each([
    ["JobHeldUser", true],
    ["PartitionTimeLimit", true],
    ["QOSMaxWallDurationPerJobLimit", true],
    ["Priority", false],
    ["QOSMaxJobsPerUserLimit", false],
  ])("knows whether %s passes by itself", (reason, isStuck) => {
    expect(read(`7|PENDING|${reason}|N/A|10:00||debug|(null)|x`)).toMatchObject([
      { key: undefined, state: { kind: "queued", reason, isStuck } },
    ]);
  });

  it.each([
    ["ReqNodeNotAvail, UnavailableNodes:node[1-2]", "ReqNodeNotAvail"],
    ["ReqNodeNotAvail(Unavailable:node1)", "ReqNodeNotAvail"],
    ["Nodes required for job are DOWN, DRAINED or reserved for jobs in higher", "ReqNodeNotAvail"],
    ["Waits for the site's own reason", "Waits for the site's own reason"],
    ["", "None"],
  ])("knows why a job waits where Slurm says more than a word: %s", (said, reason) => {
    expect(read(`7|PENDING|${said}|N/A|10:00||debug|(null)|x`)).toMatchObject([
      { state: { kind: "queued", reason, isStuck: false } },
    ]);
  });

  it.each([
    ["launch failed requeued held", "The node could not start the job."],
    ["user env retrieval failed requeued held", "The node could not start the job."],
    ["job requeued in held state", "The job is held, and does not start until it is released."],
    [
      "QOSMinCpuNotSatisfied",
      "The job does not keep to a limit of its account or QOS, so it never starts: %s",
    ],
    ["ReservationDeleted", "The reservation that it asks for does not exist any more."],
    ["AccountNotAllowed", "The account of the job may not be used in this partition."],
    ["QOSNotAllowed", "The QOS of the job may not be used in this partition."],
  ])(
    "knows of each job that never starts, for which there are words, that it does not: %s",
    (said, words) => {
      const [job] = read(`7|PENDING|${said}|N/A|10:00||debug|(null)|x`);
      expect(job?.state).toMatchObject({ kind: "queued", isStuck: true });
      const reason = job?.state?.kind === "queued" ? job.state.reason : "";
      expect(neverStarts(reason, "7")?.message).toBe(words.replace("%s", said));
    },
  );

  it("reads jobs that run, with and without a limit", () => {
    expect(
      read("8|RUNNING|None|1|1-00:00:10|node1|gpu|(null)|x", "9|RUNNING|None|1|UNLIMITED|node2|gpu||x"),
    ).toMatchObject([
      { state: { kind: "running", node: "node1", endsAt: now + 86_410_000 } },
      { state: { kind: "running", node: "node2", endsAt: undefined } },
    ]);
  });

  it("does not say how a job ended that is still ending", () => {
    expect(read("8|COMPLETING|None|1|1:00|node1|gpu||x")).toMatchObject([{ state: undefined }]);
  });

  it.each([
    ["COMPLETED", "completed"],
    ["TIMEOUT", "timeLimit"],
    ["PREEMPTED", "preempted"],
    ["CANCELLED", "cancelled"],
    ["CANCELLED by 1000", "cancelled"],
    ["NODE_FAIL", "nodeFailed"],
    ["OUT_OF_MEMORY", "outOfMemory"],
    ["FAILED", "failed"],
    ["RUNNING", undefined],
    ["constructor", undefined],
  ])("reads the end %s", (word, how) => {
    expect(readEnd(word)).toBe(how);
  });

  it("keeps to what a line may be, whatever names and comments hold", () => {
    const found = read(
      "9|RUNNING|None|1|1:00|node1|gpu|runicorn-remote:0a1b2c3d; rm|a|b|c",
      "evil|RUNNING|None|1|1:00|node1|gpu||x",
      "10|RUNNING|None|1|1:00|$(id)|gpu||x",
      "11|PENDING|a b|1|1:00||gpu||x",
      "slurm_load_jobs error",
      "",
    );
    expect(found).toMatchObject([
      { id: "9", key: undefined, name: "a|b|c" },
      { id: "10", state: { node: "" } },
      { id: "11", state: { reason: "a b" } },
    ]);
    expect(
      read(...Array.from({ length: 5000 }, (_, n) => `${n + 1}|RUNNING|None|1|1:00|n|g||x`)),
    ).toHaveLength(400);
  });
});

describe("readDuration", () => {
  it.each([
    ["1:02", 62],
    ["1:00:00", 3600],
    ["2-01:00:00", 176_400],
    ["infinite", undefined],
    ["NOT_SET", undefined],
    ["", undefined],
  ])("reads %s", (text, seconds) => {
    expect(readDuration(text)).toBe(seconds);
  });
});
