import { describe, expect, it } from "vitest";
import type { FailureDetail } from "../../../../src/common/failure.js";
import { describeFailure } from "../../../../src/messages/describeFailure.js";
import { endText, endWords, jobStateText, stuckWords } from "../../../../src/messages/slurm/jobWords.js";
import type { JobEnd, JobState } from "../../../../src/slurm/model/job.js";

const now = new Date(2026, 10, 30, 9, 5).getTime();
const minute = 60_000;
const waits: JobState = { kind: "queued", reason: "Priority", expectedStart: undefined, isStuck: false };
const ends: readonly JobEnd[] = [
  "completed",
  "timeLimit",
  "preempted",
  "cancelled",
  "nodeFailed",
  "outOfMemory",
  "failed",
  "forgotten",
];

describe("the state of a job", () => {
  it("is described in a few words", () => {
    const running: JobState = { kind: "running", node: "node1", endsAt: now + 72 * minute };
    expect(jobStateText(waits, now)).toBe("queued: jobs with a higher priority come first");
    expect(jobStateText({ ...waits, expectedStart: now - 1 }, now)).toBe(
      "queued: jobs with a higher priority come first, expected at any moment",
    );
    expect(jobStateText({ ...waits, reason: "JobHeldUser", isStuck: true }, now)).toBe("does not start");
    expect(jobStateText(running, now)).toBe("node1, 1 h 10 min left");
    expect(jobStateText({ ...running, endsAt: undefined }, now)).toBe("node1");
    expect(jobStateText({ kind: "ended", how: "preempted" }, now)).toBe("preempted");
  });

  it("is not reported as ended if the cluster does not answer", () => {
    const unknown: JobState = { kind: "unknown", why: "controller", before: waits };
    expect(jobStateText(unknown, now)).toBe("state unknown: the cluster does not answer");
    expect(jobStateText({ ...unknown, why: "login" }, now)).toBe(
      "state unknown: the login node is not reached",
    );
  });
});

describe("the end of a job", () => {
  it("has its own sentence with the job, its host and advice", () => {
    const said = ends.map((how) => endWords(how, { id: "42", host: "login" }));
    expect(new Set(said.map(({ message }) => message)).size).toBe(ends.length);
    for (const { message, advice } of said) {
      expect(message).toMatch(/42 on login/);
      expect(advice).toContain("again");
    }
    expect(ends.every((how) => endText(how) !== "")).toBe(true);
  });
});

describe("a job that cannot be reached", () => {
  it("is reported with the reason for each way", () => {
    const failure = { code: "job-not-reached", host: "login", jobId: "42", node: "node1" };
    const said = describeFailure({
      ...failure,
      step: "srun: error: no sshd",
      jump: "authentication-failed",
    } as FailureDetail);
    expect(said.message).toBe(
      "Nothing leads into job 42 on node1. By a step of the job: srun: error: no sshd By SSH to the node: it let nobody in.",
    );
    const full = describeFailure({ ...failure, step: "/tmp of node1 is full" } as FailureDetail);
    expect(full.advice).toBe("Ask the administrator to make room there, or ask for another node.");
    const other = describeFailure({ ...failure, jump: "kex: no match" } as FailureDetail);
    expect(other.message).toBe("Nothing leads into job 42 on node1. By SSH to the node: kex: no match");
  });
});

describe("a request for a job", () => {
  it("is rejected with the name that its field has in the form", () => {
    const said = describeFailure({
      code: "job-request-invalid",
      field: "minutes",
      text: "0",
    } as FailureDetail);
    expect(said.message).toBe("Time limit cannot be used for the job: 0");
  });
});

describe("a job that never starts on its own", () => {
  it("is reported with advice, even for an unknown reason", () => {
    expect(stuckWords("PartitionTimeLimit", { id: "42", host: "login" }).advice).toBe(
      "Choose a shorter time or another partition.",
    );
    expect(stuckWords("Odd", { id: "42", host: "login" }).message).toBe(
      "Job 42 on login does not start: Slurm says: Odd.",
    );
  });
});
