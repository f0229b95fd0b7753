import { Failure } from "../common/failure.js";
import type { RelayStartFailure } from "./failures.js";

/**
 * @param patterns regular expressions; the whole command must match one. None: everything does.
 * @throws Failure `relay-pattern-invalid`.
 */
export function createAllowedCommands(patterns: readonly string[]): (command: string) => boolean {
  const whole = patterns.map((pattern) => {
    try {
      return new RegExp(`^(?:${pattern})$`, "u");
    } catch {
      throw new Failure<RelayStartFailure>({ code: "relay-pattern-invalid", pattern: pattern.slice(0, 200) });
    }
  });
  return (command) => whole.length === 0 || whole.some((pattern) => pattern.test(command));
}
