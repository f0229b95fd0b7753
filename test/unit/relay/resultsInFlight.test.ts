import { describe, expect, it } from "vitest";
import { createResultsInFlight } from "../../../src/relay/resultsInFlight.js";

describe("what one connection has carried", () => {
  it("is forgotten once it is confirmed, however much there is", () => {
    const inFlight = createResultsInFlight(100);
    for (let index = 0; index < 10_000; index += 1) {
      inFlight.sent(`c${index}`);
      expect(inFlight.has(`c${index}`)).toBe(true);
      expect(inFlight.answered(index % 2 === 0 ? undefined : `c${index}`)).toBe(`c${index}`);
      expect(inFlight.has(`c${index}`)).toBe(false);
    }
    expect(inFlight.size).toBe(0);
  });

  it("is confirmed in its order where an answer does not say what it is about", () => {
    const inFlight = createResultsInFlight(100);
    for (const id of ["a", "b", "a", "c"]) inFlight.sent(id);
    expect(inFlight.answered("c")).toBe("c");
    expect([1, 2, 3, 4].map(() => inFlight.answered(undefined))).toEqual(["a", "b", "a", undefined]);
  });

  it("takes an answer to something that it has not carried for what it says", () => {
    expect(createResultsInFlight(100).answered("of the connection before")).toBe("of the connection before");
  });

  it("is given up, the oldest first, when nothing is confirmed; late answers are not taken for those of others", () => {
    const inFlight = createResultsInFlight(3);
    for (const id of ["a", "b", "c", "d", "e"]) inFlight.sent(id);
    expect(inFlight.size).toBe(3);
    expect(inFlight.has("b")).toBe(false);
    expect([1, 2, 3].map(() => inFlight.answered(undefined))).toEqual([undefined, undefined, "c"]);
  });
});
