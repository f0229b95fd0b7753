import { describe, expect, it } from "vitest";
import { createLogLines } from "../../../src/viewer/logLines.js";

describe("the lines of a viewer's log", () => {
  it("have the level that Runicorn, its web server or Python names", () => {
    const read = createLogLines();
    const log = [
      "[Remote Mode] Storage: /runs",
      "INFO:     Uvicorn running on http://127.0.0.1:1234",
      "WARNING:  Invalid HTTP request received.",
      "2026-01-31 12:00:00 - runicorn.viewer - ERROR - no such run",
      "2026-01-31 12:00:00,123 - runicorn - DEBUG - looked",
      "CRITICAL: out of memory",
      "/lib/torch.py:12: UserWarning: no GPU",
      "",
    ].join("\n");
    expect(read(log)).toEqual([
      { level: "info", text: "[Remote Mode] Storage: /runs" },
      { level: "info", text: "Uvicorn running on http://127.0.0.1:1234" },
      { level: "warn", text: "Invalid HTTP request received." },
      { level: "error", text: "2026-01-31 12:00:00 - runicorn.viewer - no such run" },
      { level: "debug", text: "2026-01-31 12:00:00,123 - runicorn - looked" },
      { level: "error", text: "out of memory" },
      { level: "warn", text: "/lib/torch.py:12: UserWarning: no GPU" },
    ]);
  });

  it("that name none have the level of the one before", () => {
    const read = createLogLines();
    const levels = read(
      "ERROR:    Exception in ASGI application\nTraceback (most recent call last):\n  x\nINFO:     on\n  y\nNOTE: z\n",
    ).map(({ level }) => level);
    expect(levels).toEqual(["error", "error", "error", "info", "info", "info"]);
    expect(createLogLines()("Traceback (most recent call last):\n  x\n").map(({ level }) => level)).toEqual([
      "error",
      "error",
    ]);
  });

  it("are the same however they are cut into pieces", () => {
    const log = "INFO:     a\r\n\nERROR:    你好\n  b\n";
    const read = createLogLines();
    expect([...log].flatMap((character) => read(character))).toEqual(createLogLines()(log));
  });

  it("contain no terminal sequences, and are limited in length", () => {
    const read = createLogLines();
    const [bell, long] = read(`INFO:     \u001b[2J\u0007\u202e\tx\n${"x".repeat(1e6)}\n`);
    expect(bell?.text).toBe("\\x1b[2J\\x07\\u{202e}    x");
    expect(long?.text).toHaveLength(4_000);
    const before = performance.now();
    expect(read(`${"A".repeat(1e6)}`)).toEqual([]);
    expect(read(`${" ".repeat(1e6)}\n${"a.".repeat(5e5)}\n${"- ".repeat(5e5)}\n`)).toHaveLength(3);
    expect(performance.now() - before).toBeLessThan(2_000);
  });
});
