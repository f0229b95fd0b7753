import { describe, expect, it } from "vitest";
import { createPassage } from "../../../src/relay/passage.js";

describe("what one connection has carried", () => {
  it("is forgotten once it is confirmed, however much there is", () => {
    const passage = createPassage(100);
    for (let index = 0; index < 10_000; index += 1) {
      passage.carried(`c${index}`);
      expect(passage.has(`c${index}`)).toBe(true);
      expect(passage.answered(index % 2 === 0 ? undefined : `c${index}`)).toBe(`c${index}`);
      expect(passage.has(`c${index}`)).toBe(false);
    }
    expect(passage.size).toBe(0);
  });

  it("is confirmed in its order where an answer does not say what it is about", () => {
    const passage = createPassage(100);
    for (const id of ["a", "b", "a", "c"]) passage.carried(id);
    expect(passage.answered("c")).toBe("c");
    expect([1, 2, 3, 4].map(() => passage.answered(undefined))).toEqual(["a", "b", "a", undefined]);
  });

  it("takes an answer to something that it has not carried for what it says", () => {
    expect(createPassage(100).answered("of the connection before")).toBe("of the connection before");
  });

  it("is given up, the oldest first, when nothing is confirmed; late answers are not taken for those of others", () => {
    const passage = createPassage(3);
    for (const id of ["a", "b", "c", "d", "e"]) passage.carried(id);
    expect(passage.size).toBe(3);
    expect(passage.has("b")).toBe(false);
    expect([1, 2, 3].map(() => passage.answered(undefined))).toEqual([undefined, undefined, "c"]);
  });
});
