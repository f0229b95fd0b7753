import { Failure } from "../../common/failure.js";
import type { RelayStartFailure } from "../protocol/failures.js";

/** A line break separates commands, and `[^;]*` matches it: with patterns, no command may contain control characters. */
const control = /\p{Cc}/u;

/**
 * @param patterns regular expressions; the whole command must match one and hold no control character. None: everything
 * does.
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
  return (command) =>
    whole.length === 0 || (!control.test(command) && whole.some((pattern) => pattern.test(command)));
}
