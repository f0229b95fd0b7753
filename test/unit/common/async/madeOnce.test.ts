import { describe, expect, it } from "vitest";
import { madeOnce } from "../../../../src/common/async/madeOnce.js";

describe("what is made once", () => {
  it("is made for the first of several callers, and kept", async () => {
    let count = 0;
    const get = madeOnce(() => Promise.resolve((count += 1)));
    expect(await Promise.all([get(), get()])).toEqual([1, 1]);
    expect(await get()).toBe(1);
  });

  it("is tried again after a failure", async () => {
    let isBroken = true;
    const get = madeOnce(() => (isBroken ? Promise.reject(new Error("no folder")) : Promise.resolve("made")));
    await expect(Promise.all([get(), get()])).rejects.toThrow("no folder");
    isBroken = false;
    expect(await get()).toBe("made");
  });
});
