import { describe, expect, it } from "vitest";
import { createAllowedCommands } from "../../../../src/relay/command/allowedCommands.js";

describe("the commands that may run", () => {
  it.each([
    [[], "anything; at\nall", true],
    [["nvidia-smi"], "nvidia-smi", true],
    [["nvidia-smi"], "nvidia-smi -L", false],
    [["nvidia-smi( -L)?", "uptime"], "uptime", true],
    [["nvidia-smi [^;&|]*"], "nvidia-smi -L", true],
    // What stands behind a line break is another command.
    [["nvidia-smi [^;&|]*"], "nvidia-smi \ntouch /tmp/x", false],
    [["echo [^;&|]+"], "echo ok\nid", false],
    [["echo [^;&|]+"], "echo ok\rid", false],
    [["echo [^]*"], "echo ok\n", false],
    [["echo .*"], "echo ok\u0000id", false],
    [["echo [^;&|]+"], "echo ok\u0085id", false],
    [["echo [^;&|]+"], "echo \u001b[2J", false],
    [["echo .*"], "echo grüße", true],
  ])("with %j, %j: %s", (patterns, command, expected) => {
    expect(createAllowedCommands(patterns)(command)).toBe(expected);
  });

  it("cannot be created with an invalid pattern", () => {
    expect(() => createAllowedCommands(["("])).toThrow("relay-pattern-invalid");
  });
});
