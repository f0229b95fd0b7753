import { describe, expect, it } from "vitest";
import { problemOf, problemOfStatus } from "../../../../src/relay/wire/linkErrors.js";

describe("why there is no connection to the main server", () => {
  it.each([
    ["CERT_HAS_EXPIRED", "certificate-expired"],
    ["CERT_NOT_YET_VALID", "certificate-not-yet-valid"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "certificate-of-another"],
    ["SELF_SIGNED_CERT_IN_CHAIN", "certificate"],
    ["CERT_SIGNATURE_FAILURE", "certificate"],
    ["ECONNREFUSED", "refused"],
    ["EWHATEVER", "unreachable"],
  ])("is told by the code %s, however deep it lies", (code, problem) => {
    expect(problemOf({ code })).toBe(problem);
    expect(problemOf({ description: { error: { cause: { code } } } })).toBe(problem);
  });

  it("is derived from the HTTP status of the refusal", () => {
    expect([401, 403, 407, 404, 502].map(problemOfStatus)).toEqual([
      "unauthorized",
      "unauthorized",
      "proxy-login",
      "not-a-relay-server",
      "not-a-relay-server",
    ]);
  });
});
