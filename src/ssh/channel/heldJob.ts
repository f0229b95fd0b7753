import { createCollector, longestRest } from "./exec.js";
import { type ErrorMark, type HeldShellFrame, splitStatus, statusLength } from "./heldShellFrames.js";
import type { ScriptOptions, ScriptResult } from "../model/heldShell.js";

/** A script that runs in a held shell, seen from here. */
export interface HeldJob {
  /** Rejects with what {@link HeldJob.fail} was told. */
  readonly result: Promise<ScriptResult>;
  /** Of its process on the host, once that is known and for as long as it runs. */
  readonly pid: string | undefined;
  take(frame: HeldShellFrame): void;
  hearError(bytes: Buffer): void;
  hearMark(mark: ErrorMark): void;
  fail(error: Error): void;
  /** What was printed so far; undefined when that is nothing. */
  partial(): ScriptResult | undefined;
}

export interface HeldJobOptions extends Pick<ScriptOptions, "onStdout"> {
  readonly tag: string;
  readonly limit: number;
  /** The failure of a script that ended without a status; it is told what was printed. */
  readonly unfinished: (said: Buffer) => Error;
  /** Whether standard error arrives at all: a start-up file may have redirected it. */
  readonly errors: { areHeard: boolean };
  /** Called when a host sends more than the script can have printed. */
  readonly onTooMuch: () => void;
}

/** Bytes kept of standard error. */
const longestErrors = 16 * 1024;
/** Milliseconds that standard error may end after standard output: the two are separate streams. */
const errorsGrace = 1_000;

export function createHeldJob({
  tag,
  limit,
  errors: channelErrors,
  unfinished,
  onStdout,
  onTooMuch,
}: HeldJobOptions): HeldJob {
  const output = createCollector(limit + statusLength(tag));
  const tell = onStdout && createTeller(tag, onStdout);
  let errors = Buffer.alloc(0);
  let errorsHeard = 0;
  let pid: string | undefined;
  let hasErrorBegun = false;
  let hasErrorEnded = false;
  let hasEnded = false;
  let timer: NodeJS.Timeout | undefined;
  let resolve: (result: ScriptResult) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const result = new Promise<ScriptResult>((...settle) => ([resolve, reject] = settle));
  result.catch(() => undefined);

  const settle = (): void => {
    clearTimeout(timer);
    const bytes = output.bytes();
    const whole = output.dropped() === 0 ? splitStatus(tag, bytes) : undefined;
    if (whole && whole.output.length <= limit) resolve({ ...whole, stderr: errors, truncated: false });
    else if (bytes.length > limit)
      resolve({ output: bytes.subarray(0, limit), stderr: errors, code: undefined, truncated: true });
    else reject(unfinished(Buffer.concat([bytes, errors])));
  };

  const settleWithout = (): void => {
    channelErrors.areHeard = false;
    settle();
  };

  return {
    result,
    take: ({ bytes, isLast }) => {
      if (hasEnded) return;
      output.add(bytes);
      if (output.dropped() > longestRest) onTooMuch();
      tell?.add(bytes);
      if (!isLast) return;
      hasEnded = true;
      tell?.end();
      if (hasErrorEnded || !channelErrors.areHeard) settle();
      else timer = setTimeout(settleWithout, errorsGrace);
    },
    hearError: (bytes) => {
      if (!hasErrorBegun || hasErrorEnded) return;
      errors = Buffer.concat([errors, bytes]).subarray(-longestErrors);
      errorsHeard += bytes.length;
      if (errorsHeard > longestRest) onTooMuch();
    },
    get pid() {
      return hasEnded ? undefined : pid;
    },
    hearMark: (mark) => {
      hasErrorBegun = true;
      if (mark.kind === "process") pid = mark.pid;
      hasErrorEnded ||= mark.kind === "end";
      if (hasErrorEnded && hasEnded) settle();
    },
    fail: (error) => {
      clearTimeout(timer);
      reject(error);
    },
    partial: () => {
      const bytes = output.bytes().subarray(0, limit);
      return bytes.length > 0
        ? { output: bytes, stderr: errors, code: undefined, truncated: true }
        : undefined;
    },
  };
}

/** Passes the output on as it comes, and not the exit status behind it. */
function createTeller(tag: string, onStdout: (chunk: Buffer) => void) {
  let rest = Buffer.alloc(0);
  const pass = (bytes: Buffer): void => {
    if (bytes.length > 0) onStdout(bytes);
  };
  return {
    add: (bytes: Buffer): void => {
      rest = Buffer.concat([rest, bytes]);
      const sure = rest.length - statusLength(tag);
      if (sure <= 0) return;
      pass(rest.subarray(0, sure));
      rest = rest.subarray(sure);
    },
    end: (): void => pass(splitStatus(tag, rest)?.output ?? rest),
  };
}
