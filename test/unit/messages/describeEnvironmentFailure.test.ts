import { describe, expect, it } from "vitest";
import type { EnvironmentFailure } from "../../../src/environments/failures.js";
import { describeEnvironmentFailure } from "../../../src/messages/describeEnvironmentFailure.js";

const said =
  "Traceback (most recent call last):\n  File x\nImportError: libffi.so.7: cannot open shared object file";

describe("the message of a failed line to run before", () => {
  const failed = { code: "lines-failed", host: "gpu", line: 2, output: "module: unknown" } as const;
  it.each<[Partial<Extract<EnvironmentFailure, { code: "lines-failed" }>>, string]>([
    [{}, "Line 2 of the lines to run before failed on gpu: module: unknown"],
    [{ output: "" }, "Line 2 of the lines to run before failed on gpu."],
    [{ seconds: 20 }, "Line 2 of the lines to run before did not end on gpu within 20 seconds."],
    [{ line: 0 }, "The shell that runs lines before did not start on gpu: module: unknown"],
  ])("names it with %j, and never contains the line itself", (more, message) => {
    const words = describeEnvironmentFailure({ ...failed, ...more });
    expect(words).toMatchObject({ message, action: "edit-lines" });
  });
});

describe("the message of a Python that does not run", () => {
  it("suggests lines for a missing library, and otherwise another environment", () => {
    const broken = { code: "environment-broken", environment: "train", output: said } as const;
    expect(describeEnvironmentFailure(broken as never)).toMatchObject({ action: "edit-lines", output: said });
    const other = { ...broken, output: "SyntaxError: invalid syntax" };
    expect(describeEnvironmentFailure(other as never)).toMatchObject({ action: "choose-environment" });
  });
});

describe("the message of a failed installation", () => {
  it("offers packages from this machine only if the host is offline", () => {
    const failed = { code: "runicorn-install-failed", environment: "train", output: "pip says" } as const;
    expect(describeEnvironmentFailure({ ...failed, isOffline: true }).advice).toContain("copy them there");
    expect(describeEnvironmentFailure({ ...failed, isOffline: false }).advice).toContain("pip says why");
  });

  it("quotes the local pip's last line, sanitized", () => {
    const words = describeEnvironmentFailure({
      code: "packages-not-fetched",
      output: "Collecting…\n\u001b[31mERROR: [x](command:y)",
    });
    expect(words.message).toMatch(/\\x1b\[31mERROR: \[x\] \(command:y\)$/);
  });
});
