import { describe, expect, it } from "vitest";
import { reasonOf } from "../../../../src/api/model/reasons.js";

describe("a reason phrase", () => {
  it("tells why a login failed", () => {
    const at = { host: "h", port: 22, onTheWayTo: undefined } as const;
    const failed = { user: "u", tried: [], remaining: [], skipped: [], ...at } as const;
    const reasons = [
      reasonOf({ code: "authentication-failed", ...failed }),
      reasonOf({ code: "too-many-failures", ...failed }),
      reasonOf({ code: "identity-file-unreadable", file: "f\r\n", reason: "密" }),
      reasonOf({ code: "token-wrong" }),
      reasonOf({ code: "viewer-not-found", id: "a\r\nb" }),
      reasonOf({ code: "bug" }),
    ];
    expect(new Set(reasons).size).toBe(reasons.length);
    for (const reason of reasons) expect(reason).toMatch(/^[\x20-\x7e]{1,100}$/);
  });
});
