import { Failure } from "../../common/failure.js";
import type { RelayStartFailure } from "../protocol/failures.js";

/** A line break begins another command, and `[^;]*` takes it: with patterns, nothing of the kind may be in a command. */
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
