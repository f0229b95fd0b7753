import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeBytes } from "../../../../src/common/text/bytes.js";
import { assemble } from "../../../../src/ssh/channel/script.js";
import { findProgram } from "../../../support/packages.js";

const shells = [["dash"], ["bash"], ["busybox", "sh"]].filter(([program = ""]) => findProgram(program));

const hostile = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.constantFrom(
    "'; touch x #",
    "$(touch x)",
    "`touch x`",
    "-rf",
    "a\nb",
    "\\",
    "'",
    "!!",
    "~",
    "*",
    "",
    "\udcd6\udcd0",
  ),
);

describe.each(shells)("a script under %s", (...shell) => {
  it("receives any arguments as they are, and reads nothing of what follows", () => {
    const script = `main() { cat; for word; do printf '%s\\0' "$word"; done; }`;
    const [program = "", ...options] = shell;
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 8 }), (args) => {
        const sendable = args.map((text) => text.replaceAll("\0", ""));
        const { stdout, status } = spawnSync(program, [...options, "-s"], {
          input: assemble(script, sendable, "nonce"),
        });
        const [, between = ""] = /<<nonce\n([\s\S]*)\nnonce>>/.exec(stdout.toString("latin1")) ?? [];
        const expected = Buffer.concat(sendable.flatMap((text) => [encodeBytes(text), Buffer.from([0])]));
        expect(Buffer.from(between, "latin1")).toEqual(expected);
        expect(status).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it("runs nothing when it is cut short", () => {
    const whole = assemble("main() { echo ran; }", [], "nonce");
    const [program = "", ...options] = shell;
    for (let length = 0; length < whole.length - 3; length += 7) {
      const { stdout } = spawnSync(program, [...options, "-s"], { input: whole.subarray(0, length) });
      expect(stdout.toString()).not.toContain("ran");
    }
  });
});
