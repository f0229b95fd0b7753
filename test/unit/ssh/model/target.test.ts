import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  checkTarget,
  formatTarget,
  isTarget,
  nameCharacters,
  parseTarget,
  unusableNames,
} from "../../../../src/ssh/model/target.js";

describe("parseTarget", () => {
  it.each([
    ["gpu", { host: "gpu" }],
    ["  gpu ", { host: "gpu" }],
    ["ada@gpu.example.com", { host: "gpu.example.com", user: "ada" }],
    ["ada@gpu:2222", { host: "gpu", user: "ada", port: 2222 }],
    ["ada@corp.example@gpu", { host: "gpu", user: "ada@corp.example" }],
    ["DOM\\ada@gpu:2222", { host: "gpu", user: "DOM\\ada", port: 2222 }],
    ["GPUBOX$@gpu", { host: "gpu", user: "GPUBOX$" }],
    ["Ada L@gpu", { host: "gpu", user: "Ada L" }],
    ["DOM\\BOX$@gpu", { host: "gpu", user: "DOM\\BOX$" }],
    [".\\ada@gpu", { host: "gpu", user: ".\\ada" }],
    ["ada#corp@target%x=1+y:SSH@gate", { host: "gate", user: "ada#corp@target%x=1+y:SSH" }],
    ["::1", { host: "::1" }],
    ["fe80::1%eth0", { host: "fe80::1%eth0" }],
    ["ada@[2001:db8::1]:2222", { host: "2001:db8::1", user: "ada", port: 2222 }],
    ["ssh://ada@gpu:2222/", { host: "gpu", user: "ada", port: 2222 }],
    ["显卡", { host: "显卡" }],
  ])("reads %j", (text, target) => {
    expect(parseTarget(text)).toEqual(target);
  });

  it.each([
    "",
    " ",
    "@gpu",
    "ada@",
    "-oProxyCommand=touch x",
    "ada@-x",
    "-l@gpu",
    "a -oProxyCommand=x@gpu",
    "ada\\@gpu",
    "$(touch x)@gpu",
    "`touch x`@gpu",
    "a;b@gpu",
    "x$IFS-oProxyCommand=y@gpu",
    "$HOME@gpu",
    "a$b@gpu",
    "a$$@gpu",
    "a\\$@gpu",
    "a\\ b@gpu",
    "a\\-b@gpu",
    "\\a@gpu",
    "a\\b\\c@gpu",
    "a #b@gpu",
    "#a@gpu",
    "=ls@gpu",
    "~root@gpu",
    "a*@gpu",
    "a?@gpu",
    "a[b]@gpu",
    "a!b@gpu",
    "a^b@gpu",
    "%PATH%@gpu",
    "a @gpu",
    "a\u00a0b@gpu",
    "a\u3000b@gpu",
    "ssh://ssh://a@gpu",
    "a\tb@gpu",
    "gpu:0",
    "gpu:65536",
    "gpu:ssh",
    "gpu:",
    "two words",
    "a\nb",
    "a\0b",
    "gpu;touch x",
    "$(touch x)",
    "`touch x`",
    "a/b",
    "[::1",
    "gpu*",
    "%PATH%",
    "x".repeat(256),
  ])("refuses %j", (text) => {
    expect(() => parseTarget(text)).toThrow(
      expect.objectContaining({
        detail: expect.objectContaining({ code: "target-invalid" }) as unknown,
      }) as Error,
    );
  });

  it.each(["host", "user"] as const)("takes no character that nobody sees in the name of a %s", (of) => {
    const usable = new RegExp(`^${nameCharacters[of]}$`, "u");
    const taken: string[] = [];
    for (let code = 0; code <= 0x10_ffff; code += 1) {
      const character = String.fromCodePoint(code);
      if (!/[\p{Cc}\p{Cf}\p{Co}]/u.test(character)) continue;
      if (usable.test(character) && !unusableNames[of].test(character)) taken.push(code.toString(16));
    }
    expect(taken).toEqual([]);
    for (const half of ["\ud800", "\udfff", "\u202e", "\ue000"])
      for (const target of [`a${half}`, `a${half}@gpu`]) expect(() => parseTarget(target)).toThrow();
  });

  it("round-trips", () => {
    const part = fc.constantFrom(
      "a",
      "@",
      "$",
      "\\",
      " ",
      "-",
      ":",
      "22",
      "[",
      "]",
      "ssh://",
      "/",
      "%",
      "#",
      "é",
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        let target;
        try {
          target = parseTarget(parts.join(""));
        } catch {
          return;
        }
        expect(parseTarget(formatTarget(target))).toEqual(target);
        expect(isTarget(target)).toBe(true);
      }),
    );
  });

  it.each([
    { host: "a@b" },
    { host: " gpu" },
    { host: "gpu", user: "" },
    { host: "gpu", user: "ssh://a" },
    { host: "gpu", user: "a\nb" },
    { host: "gpu", port: 0 },
    { host: "gpu", port: 1.5 },
    { host: "gpu", port: 65_536 },
  ])("rejects %j", (target) => {
    expect(isTarget(target)).toBe(false);
    expect(() => checkTarget(target)).toThrow("target-invalid");
  });

  it("is the inverse of formatTarget", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6()),
        fc.option(
          fc
            .tuple(fc.constantFrom("", "DOM\\a", "my a"), fc.emailAddress(), fc.constantFrom("", "$"))
            .map(([before, text, after]) => before + text.replace(/[^a-z0-9@.]/gi, "") + after),
          { nil: undefined },
        ),
        fc.option(fc.integer({ min: 1, max: 65535 }), { nil: undefined }),
        (host, user, port) => {
          const target = { host, ...(user && { user }), ...(port && { port }) };
          expect(parseTarget(formatTarget(target))).toEqual(target);
        },
      ),
    );
  });
});
