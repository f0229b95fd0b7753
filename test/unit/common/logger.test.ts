import { expect, it } from "vitest";
import { type Logger, readableLogger } from "../../../src/common/logger.js";

it("lets no word of a host pass for a line of the log, steer a terminal or fill the disk", () => {
  const lines: string[] = [];
  const level = (name: string) => (message: string) => void lines.push(`${name} ${message}`);
  const logger: Logger = { debug: level("D"), info: level("I"), warn: level("W"), error: level("E") };
  const readable = readableLogger(logger);
  readable.info("the host says: hello\n2026-01-01 [error] stolen\r\n\u001b]0;title\u0007");
  readable.debug("\u202eevil");
  readable.warn("x".repeat(1_000_000));
  readable.error("plain");
  expect(lines[0]).toBe("I the host says: hello\n    2026-01-01 [error] stolen\n    \\x1b]0;title\\x07");
  expect(lines[1]).toBe("D \\u{202e}evil");
  expect(lines[2]).toHaveLength(2 + 64 * 1024);
  expect(lines[3]).toBe("E plain");
});
