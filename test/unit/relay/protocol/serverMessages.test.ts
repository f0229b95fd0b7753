import { expect, it } from "vitest";
import { idAsSent, readEvent, readTextFrame } from "../../../../src/relay/protocol/serverMessages.js";

it("a text frame is read, and one nested deeper than any event is passed over at once", () => {
  expect(readTextFrame('{"event":"a","data":{"b":[1]}}')).toEqual({ event: "a", data: { b: [1] } });
  const startedAt = performance.now();
  expect(readTextFrame(`{"event":"a","data":${"[".repeat(8_000_000)}`)).toBeUndefined();
  expect(performance.now() - startedAt).toBeLessThan(500);
});

it("an acknowledgement may name its command, by a text or a number, or none", () => {
  const ids = [{}, { commandId: "a" }, { commandId: 4 }].map((more) => {
    const read = readEvent("command_result_received", { success: true, ...more });
    return read.kind === "acknowledged" ? read.id && idAsSent(read.id) : read.kind;
  });
  expect(ids).toEqual([undefined, "a", 4]);
});
