import { Cancelled, Failure } from "../../common/failure.js";
import type { Connection, ExecOptions, ExecResult, RemoteProcess } from "../model/connection.js";
import type { SshFailure } from "../model/failures.js";
import type { ScriptOptions } from "../model/heldShell.js";

/** Bytes of each stream kept by default. */
export const defaultOutputLimit = 16 * 1024 * 1024;
/** Bytes that a command may print beyond those that are kept, before it is ended. */
export const longestRest = 8 * 1024 * 1024;

/** Keeps the first `limit` bytes and says how many more there were. */
export function createCollector(limit: number) {
  const chunks: Buffer[] = [];
  let kept = 0;
  let dropped = 0;
  return {
    add(chunk: Buffer): void {
      const room = Math.min(limit - kept, chunk.length);
      dropped += chunk.length - room;
      if (room <= 0) return;
      chunks.push(chunk.subarray(0, room));
      kept += room;
    },
    bytes: (): Buffer => Buffer.concat(chunks),
    dropped: (): number => dropped,
  };
}

/**
 * Feeds a command and collects what it prints. Aborting or the time limit ends it; the clock starts before it does.
 * @throws Cancelled, Failure `exec-timed-out`, or what ended the connection.
 */
export async function execWith(
  spawn: Connection["spawn"],
  command: string,
  options: ExecOptions,
  host: string,
): Promise<ExecResult> {
  const { stdin, slot } = options;
  const deadline = startDeadline(options, host);
  const input = typeof stdin === "string" ? Buffer.from(stdin) : stdin;
  const starting = deadline.signal.aborted
    ? Promise.reject(new Cancelled())
    : spawn(command, { signal: deadline.signal, slot, input, inputEnds: true });
  try {
    const process = await Promise.race([starting, deadline.passed]);
    return await collectFrom(process, options, deadline.passed);
  } catch (error) {
    // Also if the session opens after the deadline.
    starting.then(abandon, () => undefined);
    throw error;
  } finally {
    deadline.stop();
  }
}

/** Aborts when the caller aborts or the time is up, whichever comes first. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Rejects with the reason. */
  readonly passed: Promise<never>;
  stop(): void;
}

export function startDeadline({ signal, timeout }: ScriptOptions, host: string): Deadline {
  const over = new AbortController();
  const passed = new Promise<never>((_, reject) => {
    over.signal.addEventListener("abort", () => reject(over.signal.reason as Error), { once: true });
  });
  passed.catch(() => undefined);
  const onAbort = (): void => over.abort(new Cancelled());
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort, { once: true });
  const onTimeout = (milliseconds: number): void =>
    over.abort(new Failure<SshFailure>({ code: "exec-timed-out", host, seconds: milliseconds / 1000 }));
  const timer = timeout === undefined ? undefined : setTimeout(onTimeout, timeout, timeout);
  return {
    signal: over.signal,
    passed,
    stop: () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    },
  };
}

/** A command that never stops printing is ended; its result is the output so far. */
async function collectFrom(
  process: RemoteProcess,
  { outputLimit = defaultOutputLimit, onStdout }: ExecOptions,
  deadline: Promise<never>,
): Promise<ExecResult> {
  const [output, errors] = [createCollector(outputLimit), createCollector(outputLimit)];
  const tooMuch = new Promise<undefined>((resolve) => {
    process.stdout.on("data", (chunk: Buffer) => {
      output.add(chunk);
      onStdout?.(chunk);
      if (output.dropped() > longestRest) resolve(undefined);
    });
    process.stderr.on("data", (chunk: Buffer) => {
      errors.add(chunk);
      if (errors.dropped() > longestRest) resolve(undefined);
    });
  });
  const end = await Promise.race([process.ended, deadline, tooMuch]);
  if (end?.kind === "lost") throw end.failure;
  const result = { stdout: output.bytes(), stderr: errors.bytes() };
  if (end) {
    const truncated = output.dropped() + errors.dropped() > 0;
    return { ...result, code: end.code, signal: end.signal, truncated };
  }
  process.stdout.removeAllListeners("data");
  process.stderr.removeAllListeners("data");
  abandon(process);
  return { ...result, code: undefined, signal: undefined, truncated: true };
}

function abandon(process: RemoteProcess): void {
  process.stdout.resume();
  process.stderr.resume();
  process.kill();
}
