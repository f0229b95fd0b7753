import { describe, expect, it } from "vitest";
import { createPendingWork } from "../../../src/slurm/pendingWork.js";

describe("work that is waited for at the end", () => {
  it("is known to be unsettled where the wait was given up, also when it fails after that", async () => {
    const pending = createPendingWork();
    expect(pending.isUnsettled).toBe(false);
    let fail: (error: Error) => void = () => undefined;
    const work = pending.add(new Promise((_, reject) => (fail = reject)));
    await pending.settled(10);
    fail(new Error("the connection was closed"));
    await expect(work).rejects.toThrow("closed");
    expect(pending.isUnsettled).toBe(true);
  });

  it("is settled when it has failed in time", async () => {
    const pending = createPendingWork();
    await expect(pending.add(Promise.reject(new Error("no")))).rejects.toThrow("no");
    await pending.settled(1_000);
    expect(pending.isUnsettled).toBe(false);
  });
});
