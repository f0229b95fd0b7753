import { describe, expect, it } from "vitest";
import type { FailureDetail } from "../../../../src/common/failure.js";
import { describeFailure } from "../../../../src/messages/describeFailure.js";
import { notOpenedPage } from "../../../../src/vscode/viewers/pageOf.js";

describe("the page of a viewer that could not be opened", () => {
  const labels = (isOfJob: boolean): readonly string[] => {
    const words = describeFailure({
      code: "job-ended",
      host: "gpu",
      jobId: "7",
      how: "cancelled",
    } as FailureDetail);
    const page = notOpenedPage("gpu", words, { isOfJob });
    return page.kind === "ended" ? page.buttons.map(({ label }) => label) : [];
  };

  it("offers another job where its job has ended, and nothing that is about the connection", () => {
    expect(labels(true)).toEqual(["Run Again", "Open Viewer With…", "Show Log", "Close"]);
    expect(labels(false)).toEqual([
      "Try Again",
      "Diagnose Connection",
      "Edit Connection",
      "Open Viewer With…",
      "Show Log",
      "Close",
    ]);
  });
});
