import { beforeEach, describe, expect, it, vi } from "vitest";
import { silentLogger } from "../../../src/common/logger.js";
import { createListener } from "../../../src/relay/listener.js";

const receive = vi.fn();
const acknowledged = vi.fn();
const onAcknowledged = vi.fn();
const warn = vi.fn();
const listener = createListener({
  commands: { receive },
  delivery: { acknowledged },
  onAcknowledged,
  logger: { ...silentLogger, warn },
});
beforeEach(() => vi.clearAllMocks());

describe("a message of the main server", () => {
  it("is passed to the commands if it is one or was meant to be", () => {
    const host = { serverId: 1, host: "h", port: 22, username: "u", password: "p" };
    listener.onEvent("execute_command", { commandId: "a", ...host, command: "id" });
    listener.onEvent("execute_command", { commandId: "b", ...host, port: "x", command: "id" });
    expect(receive.mock.calls.map(([incoming]) => (incoming as { kind: string }).kind)).toEqual([
      "command",
      "malformed",
    ]);
  });

  it("is passed to the delivery if it acknowledges a result", () => {
    listener.onEvent("command_result_received", { success: true, commandId: "a" });
    listener.onAcknowledged("b", false);
    expect(acknowledged.mock.calls).toEqual([
      ["a", true, "event"],
      ["b", false, "callback"],
    ]);
    expect(onAcknowledged).toHaveBeenCalledTimes(2);
  });

  it("is dropped if it is unknown, and its name is logged, sanitized", () => {
    listener.onEvent(`evil\u001b[2J${"x".repeat(1_000)}`, {});
    listener.onNoise();
    expect(receive).not.toHaveBeenCalled();
    expect(warn.mock.calls.flat()[0]).toMatch(/: evil\\x1b\[2Jx{1,64}$/);
    expect(warn).toHaveBeenCalledTimes(2);
  });
});
