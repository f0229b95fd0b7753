import { expect, it } from "vitest";
import { Cancelled, Failure } from "../../../../src/common/failure.js";
import type { SshFailure } from "../../../../src/ssh/model/failures.js";
import { reconnectVerdict, retryClass } from "../../../../src/ssh/model/retryClass.js";

const at = { host: "gpu", port: 22 };
const denied: SshFailure = {
  code: "authentication-failed",
  user: "ada",
  tried: [],
  remaining: [],
  skipped: [],
  ...at,
};

it("distinguishes temporary failures, those that need the user, and permanent ones", () => {
  expect(retryClass({ code: "connection-lost", ...at })).toBe("transient");
  expect(retryClass(denied)).toBe("needs-person");
  expect(retryClass({ code: "jump-loop", ...at })).toBe("useless");
});

it.each<[unknown, string]>([
  [new Failure<SshFailure>({ code: "connection-refused", ...at }), "soon"],
  [new Failure<SshFailure>({ code: "connect-timed-out", seconds: 20, ...at }), "later"],
  [new Failure<SshFailure>(denied), "not-unasked"],
  [new Failure<SshFailure>({ code: "jump-loop", ...at }), "not-unasked"],
  [new Cancelled(), "not-unasked"],
  [new Error("a mistake of ours"), "later"],
])("connects again after %s: %s", (error, verdict) => {
  expect(reconnectVerdict(error)).toBe(verdict);
});
