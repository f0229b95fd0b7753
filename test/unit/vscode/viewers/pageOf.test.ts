import { describe, expect, it } from "vitest";
import { Failure } from "../../../../src/common/failure.js";
import { describeFailure } from "../../../../src/messages/describeFailure.js";
import type { SlurmFailure } from "../../../../src/slurm/model/failures.js";
import { jobNotOpenedPage } from "../../../../src/vscode/viewers/pageOf.js";

const job = { host: "gpu", jobId: "7" };
const labelsFor = (failure: SlurmFailure): readonly string[] | undefined => {
  const page = jobNotOpenedPage("runs", new Failure(failure), describeFailure(failure));
  return page && "buttons" in page ? page.buttons.map(({ label }) => label) : undefined;
};

describe("the page of a viewer that was not opened because of its job", () => {
  it("offers another job, and nothing that is about the connection", () => {
    const others = ["Open Viewer With…", "Show Log", "Close"];
    expect(labelsFor({ code: "job-ended", ...job, how: "cancelled" })).toEqual(["Run Again", ...others]);
    expect(labelsFor({ code: "job-stuck", ...job, reason: "PartitionTimeLimit" })).toEqual([
      "Try Again",
      ...others,
    ]);
    expect(labelsFor({ code: "job-refused", host: "gpu", said: "Invalid account" })?.[0]).toBe("Try Again");
  });

  it("is another one where the way there is in question", () => {
    expect(labelsFor({ code: "slurm-silent", host: "gpu", said: "", retry: "later" })).toBeUndefined();
  });
});
