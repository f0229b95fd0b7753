import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLocalNames, rulesOf } from "../../../src/sync/localNames.js";

const part = fc.oneof(
  fc.string({ unit: "binary", minLength: 1, maxLength: 12 }),
  fc.constantFrom(
    "A",
    "a",
    "é",
    "e\u0301",
    "ß",
    "SS",
    "CON",
    "nul.txt",
    "x.",
    "x ",
    "%41",
    "\udcff",
    "f".repeat(255),
  ),
);
const path = fc
  .array(part, { minLength: 1, maxLength: 3 })
  .map((parts) => parts.map((one) => one.replaceAll("/", "_").replaceAll("\0", "_")).join("/"))
  .filter((one) => one.split("/").every((name) => name !== "." && name !== ".."));

/** How macOS and Windows compare names. */
const folded = (name: string): string => name.normalize("NFD").toLowerCase();

describe("local names", () => {
  it("are the host's own where names are bytes", () => {
    const names = createLocalNames(rulesOf("linux"));
    fc.assert(fc.property(path, (one) => names.of(one) === one));
  });

  it.each(["win32", "darwin"] as const)("never clash on %s, and never lead out", (platform) => {
    fc.assert(
      fc.property(fc.uniqueArray(path, { minLength: 2, maxLength: 30 }), (paths) => {
        const names = createLocalNames(rulesOf(platform));
        const locals = paths.map((one) => names.of(one));
        expect(new Set(locals.map(folded)).size).toBe(paths.length);
        for (const local of locals) {
          expect(local).not.toMatch(/(^|\/)\.{0,2}(\/|$)/);
          if (platform === "win32") {
            expect(local).not.toMatch(/[<>:"|?*\\\0-\x1f]|[. ](\/|$)/);
            expect(local).not.toMatch(/(^|\/)(con|prn|aux|nul|com\d|lpt\d)(\.[^/]*)?(\/|$)/i);
          }
          expect(local.split("/").every((name) => name.length <= 255)).toBe(true);
        }
        expect(paths.map((one) => names.of(one))).toEqual(locals);
      }),
    );
  });

  it("leave an ordinary name as it is, and tell two apart that differ by case alone", () => {
    const names = createLocalNames(rulesOf("win32"));
    expect(names.of("runs/Vision/README.md")).toBe("runs/Vision/README.md");
    expect(names.of("runs/vision/readme.md")).toMatch(/^runs\/vision~[0-9a-f]{12}\/readme\.md$/);
    expect(names.of("con")).toBe("%63on");
    expect(names.of("a:b.")).toBe("a%3ab%2e");
  });

  it("keep a name's place at the next start", () => {
    const known = ["a/X", "a/x"];
    const first = createLocalNames(rulesOf("darwin"), known);
    const again = createLocalNames(rulesOf("darwin"), known);
    expect(known.map((one) => again.of(one))).toEqual(known.map((one) => first.of(one)));
  });
});
