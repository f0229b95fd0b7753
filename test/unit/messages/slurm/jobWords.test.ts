import { describe, expect, it } from "vitest";
import { describeFailure } from "../../../../src/messages/describeFailure.js";
import { hostName } from "../../../../src/messages/hostName.js";
import { jobEnd, queueReason } from "../../../../src/messages/slurm/jobWords.js";
import type { JobEnd } from "../../../../src/slurm/model/job.js";

describe("words for jobs", () => {
  it("has a sentence of its own for each end", () => {
    const all: JobEnd[] = [
      "completed",
      "timeLimit",
      "preempted",
      "cancelled",
      "nodeFailed",
      "outOfMemory",
      "failed",
      "forgotten",
    ];
    expect(new Set(all.map(jobEnd)).size).toBe(all.length);
  });

  it("shows Slurm's own word where it has no sentence, fit for a screen", () => {
    expect(queueReason("Resources")).toBe("Waiting for nodes to become free.");
    expect(queueReason("QOSMaxJobsPerUserLimit")).toBe(
      "A limit of your account is reached: QOSMaxJobsPerUserLimit",
    );
    expect(queueReason("New\u0007")).toBe("Waiting: New\\x07");
  });

  it("names a job with its host", () => {
    expect(hostName("job 7 on login")).toBe("job 7 on login");
    expect(
      describeFailure({ code: "job-ended", host: "login", jobId: "7", how: "timeLimit" } as never).message,
    ).toBe("The job has reached its time limit.");
  });
});
