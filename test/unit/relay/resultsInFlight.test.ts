import { describe, expect, it } from "vitest";
import { createResultsInFlight } from "../../../src/relay/resultsInFlight.js";

describe("the results sent over one connection", () => {
  it("are forgotten once acknowledged, however many there are", () => {
    const inFlight = createResultsInFlight(100);
    for (let index = 0; index < 10_000; index += 1) {
      inFlight.sent(`c${index}`);
      expect(inFlight.has(`c${index}`)).toBe(true);
      expect(inFlight.answered(index % 2 === 0 ? undefined : `c${index}`)).toBe(`c${index}`);
      expect(inFlight.has(`c${index}`)).toBe(false);
    }
    expect(inFlight.size).toBe(0);
  });

  it("are acknowledged in order if the acknowledgement has no id", () => {
    const inFlight = createResultsInFlight(100);
    for (const id of ["a", "b", "a", "c"]) inFlight.sent(id);
    expect(inFlight.answered("c")).toBe("c");
    expect([1, 2, 3, 4].map(() => inFlight.answered(undefined))).toEqual(["a", "b", "a", undefined]);
  });

  it("accept an acknowledgement of a result that was not sent over it", () => {
    expect(createResultsInFlight(100).answered("of the connection before")).toBe("of the connection before");
  });

  it("are given up, oldest first, without acknowledgements; late ones do not count for others", () => {
    const inFlight = createResultsInFlight(3);
    for (const id of ["a", "b", "c", "d", "e"]) inFlight.sent(id);
    expect(inFlight.size).toBe(3);
    expect(inFlight.has("b")).toBe(false);
    expect([1, 2, 3].map(() => inFlight.answered(undefined))).toEqual([undefined, undefined, "c"]);
  });
});
