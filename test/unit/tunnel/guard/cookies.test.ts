import { describe, expect, it } from "vitest";
import { createEntryCookie } from "../../../../src/tunnel/guard/cookies.js";

const key = Buffer.alloc(32, 7);
const cookie = createEntryCookie(key, 4000);
const pairOf = (header: string): string => header.split(";")[0] ?? "";
const [pair] = cookie.headersFor("tab").map(pairOf);

describe("the cookie of a local port", () => {
  it("is known again among others, and by another guard with the same key", () => {
    expect(cookie.isIn(`a=b; ${pair}; c`)).toBe(true);
    expect(createEntryCookie(key, 4000).isIn(pair)).toBe(true);
  });

  it("is good for no other port, with no other key, and not by its name alone", () => {
    expect(createEntryCookie(key, 4001).isIn(pair)).toBe(false);
    expect(createEntryCookie(key, 4001).isIn(pair?.replace("4000", "4001"))).toBe(false);
    expect(createEntryCookie(Buffer.alloc(32, 8), 4000).isIn(pair)).toBe(false);
    for (const other of [undefined, "", "runicorn-guard-4000", "runicorn-guard-4000=", `${pair}x`])
      expect(cookie.isIn(other)).toBe(false);
  });

  it("is HttpOnly, and SameSite=None only for a frame", () => {
    const all = [...cookie.headersFor("tab"), ...cookie.headersFor("frame")];
    for (const header of all) expect(header).toContain("; HttpOnly");
    expect(cookie.headersFor("tab")).toEqual([expect.stringContaining("SameSite=Strict")]);
    for (const header of cookie.headersFor("frame").slice(1))
      expect(header).toContain("SameSite=None; Secure");
    for (const header of cookie.headersFor("frame")) expect(cookie.isIn(pairOf(header))).toBe(true);
  });
});
