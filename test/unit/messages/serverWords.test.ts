import { describe, expect, it } from "vitest";
import { serverLines, subjectName } from "../../../src/messages/serverWords.js";

describe("the text of a server before login", () => {
  it("is split into lines with any line ending, without blank ones", () => {
    expect(serverLines("one\r\ntwo\rthree\n\n  \n\tfour\t!")).toEqual(["one", "two", "three", "four !"]);
  });

  it("contains no control characters and no links, and is limited in length", () => {
    expect(serverLines("\u001b[2Jgone [here](command:evil)")).toEqual(["\\x1b[2Jgone [here] (command:evil)"]);
    expect(serverLines("x\n".repeat(1_000))).toHaveLength(40);
    expect(serverLines("y".repeat(100_000))[0]).toHaveLength(301);
  });

  it("names a jump host together with its destination", () => {
    expect(subjectName({ user: "ada", host: "jump", port: 22, onTheWayTo: "gpu" })).toBe(
      "ada@jump (on the way to gpu)",
    );
    expect(subjectName({ user: "ada", host: "gpu\u202e", port: 22 })).toBe("ada@gpu\\u{202e}");
  });
});
