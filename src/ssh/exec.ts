import { Cancelled, Failure } from "../common/failure.js";
import type { ExecOptions, ExecResult, RemoteProcess } from "./connection.js";
import type { SshFailure } from "./failures.js";

/** Bytes of each stream kept by default. */
const defaultOutputLimit = 16 * 1024 * 1024;

/** Keeps the first `limit` bytes and says whether there were more. */
function collect(limit: number) {
  const chunks: Buffer[] = [];
  let kept = 0;
  let truncated = false;
  return {
    add(chunk: Buffer): void {
      const room = limit - kept;
      if (chunk.length > room) truncated = true;
      if (room <= 0) return;
      chunks.push(chunk.subarray(0, room));
      kept += Math.min(chunk.length, room);
    },
    bytes: (): Buffer => Buffer.concat(chunks),
    isTruncated: (): boolean => truncated,
  };
}

/**
 * Feeds a command and collects what it prints. Aborting or the time limit ends it; the clock starts before it does.
 * @param start starts the command.
 * @throws Cancelled, Failure `exec-timed-out`, or what ended the connection.
 */
export async function execWith(
  start: () => Promise<RemoteProcess>,
  options: ExecOptions,
  host: string,
): Promise<ExecResult> {
  const { signal, timeout, stdin, onStdout } = options;
  if (signal?.aborted) throw new Cancelled();
  let stopWith: (error: Error) => void = () => undefined;
  const stopped = new Promise<never>((_, reject) => (stopWith = reject));
  const onAbort = (): void => stopWith(new Cancelled());
  signal?.addEventListener("abort", onAbort, { once: true });
  const timer =
    timeout === undefined
      ? undefined
      : setTimeout(
          () => stopWith(new Failure<SshFailure>({ code: "exec-timed-out", host, seconds: timeout / 1000 })),
          timeout,
        );
  const starting = start();
  try {
    const process = await Promise.race([starting, stopped]);
    const stdout = collect(options.outputLimit ?? defaultOutputLimit);
    const stderr = collect(options.outputLimit ?? defaultOutputLimit);
    process.stdout.on("data", (chunk: Buffer) => {
      stdout.add(chunk);
      onStdout?.(chunk);
    });
    process.stderr.on("data", (chunk: Buffer) => stderr.add(chunk));
    process.stdin.end(stdin);
    const end = await Promise.race([process.ended, stopped]);
    if (end.kind === "lost") throw end.failure;
    const truncated = stdout.isTruncated() || stderr.isTruncated();
    return { stdout: stdout.bytes(), stderr: stderr.bytes(), code: end.code, signal: end.signal, truncated };
  } catch (error) {
    // Also when it starts only after it was given up.
    starting.then(
      (late) => {
        late.stdout.resume();
        late.stderr.resume();
        late.kill();
      },
      () => undefined,
    );
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}
