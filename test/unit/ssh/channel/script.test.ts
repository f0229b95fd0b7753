import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeBytes } from "../../../../src/common/text/bytes.js";
import { Failure } from "../../../../src/common/failure.js";
import { assemble, runShortScript } from "../../../../src/ssh/channel/script.js";
import type { Connection } from "../../../../src/ssh/model/connection.js";
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

it("A short script whose shell ends under it runs again within the time that is left", async () => {
  let given: number | undefined;
  const connection = {
    target: { host: "gpu" },
    heldShell: {
      run: () =>
        new Promise((_, reject) =>
          setTimeout(() => reject(new Failure({ code: "shell-ended", host: "gpu" })), 60),
        ),
    },
    exec: (_command: string, { timeout }: { timeout?: number }) => {
      given = timeout;
      return Promise.reject(new Error("late"));
    },
  } as unknown as Connection;
  await expect(runShortScript(connection, "main() { :; }", [], { timeout: 100 })).rejects.toThrow("late");
  expect(given).toBeLessThan(50);
});
