import { within } from "../../common/async/within.js";
import { randomBytes } from "node:crypto";
import { timeLimit } from "../../common/async/timeLimit.js";
import { aborted } from "../../common/async/pause.js";
import { Cancelled, Failure } from "../../common/failure.js";
import type { Connection, RemoteProcess, RemoteProcessEnd } from "../../ssh/model/connection.js";
import type { SshFailure } from "../../ssh/model/failures.js";
import { startScript } from "../../ssh/channel/script.js";
import { type Collector, createCollector } from "./output.js";
import script from "./run.sh";

/** How a command ended. */
export type CommandEnd =
  | { readonly kind: "exited"; readonly code: number | undefined; readonly signal: string | undefined }
  | { readonly kind: "timed-out"; readonly milliseconds: number }
  /** `signal` of the options was aborted. */
  | { readonly kind: "cancelled" }
  | { readonly kind: "lost" };

export interface CommandOutcome {
  readonly end: CommandEnd;
  readonly stdout: Collector;
  readonly stderr: Collector;
}

export interface RunOptions {
  readonly command: string;
  /** Milliseconds. */
  readonly timeLimit: number;
  /** Bytes kept of each stream. */
  readonly outputLimit: number;
  readonly signal: AbortSignal;
  /** Is waited for when the host is ready, before the command runs. */
  readonly begin: () => Promise<void>;
}

/** Milliseconds for a host to get ready. */
const startLimit = 30_000;
/** Milliseconds in which a command that is asked to end (TERM, and KILL two seconds later) is expected to be gone. */
const endGrace = 4_000;
/** Milliseconds for what a command left behind, and for the channel to close. */
const leftoverGrace = 2_000;

/**
 * Runs one command. When it is ended early, so is everything that it started.
 * @throws Failure with an `SshFailure` when it could not be started; nothing has run then.
 */
export async function runCommand(connection: Connection, options: RunOptions): Promise<CommandOutcome> {
  const mark = randomBytes(12).toString("hex");
  let group = "";
  const stdout = createCollector(options.outputLimit);
  const stderr = createCollector(options.outputLimit, mark, (rest) => (group = rest));
  const early = endsEarly(options);
  try {
    const process = await startOrEnd(connection, [mark, options.command, script], early.signal);
    if (!process) return { end: early.end(), stdout, stderr };
    process.stdout.on("data", (chunk: Buffer) => stdout.add(chunk));
    process.stderr.on("data", (chunk: Buffer) => stderr.add(chunk));
    try {
      await options.begin();
    } catch (error) {
      process.kill();
      throw error;
    }
    early.startClock();
    process.stdin.write("go\n");
    const first = await Promise.race([process.ended, early.happened]);
    if (first !== undefined) return { end: endOf(first), stdout, stderr };
    await end(process, connection, () => group);
    return { end: early.end(), stdout, stderr };
  } finally {
    early.stop();
  }
}

/**
 * Undefined when it was cancelled before it ran.
 * @throws Failure `exec-timed-out` when the host does not get ready.
 */
async function startOrEnd(
  connection: Connection,
  args: readonly string[],
  signal: AbortSignal,
): Promise<RemoteProcess | undefined> {
  const tooLate = timeLimit(startLimit);
  try {
    return await startScript(connection, script, args, AbortSignal.any([signal, tooLate]));
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
    if (signal.aborted) return undefined;
    const { host } = connection.target;
    throw new Failure<SshFailure>({ code: "exec-timed-out", host, seconds: startLimit / 1000 });
  }
}

function endOf(end: RemoteProcessEnd): CommandEnd {
  return end.kind === "lost" ? { kind: "lost" } : end;
}

/** The two reasons to end a command before it ends itself. */
function endsEarly({ timeLimit, signal }: RunOptions) {
  const either = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let timedOut = false;
  const onAbort = (): void => either.abort();
  if (signal.aborted) either.abort();
  signal.addEventListener("abort", onAbort, { once: true });
  return {
    signal: either.signal,
    happened: aborted(either.signal),
    /** What the host needs to get ready does not count. */
    startClock: () => {
      timer = setTimeout(() => {
        timedOut = true;
        either.abort();
      }, timeLimit);
    },
    end: (): CommandEnd =>
      timedOut ? { kind: "timed-out", milliseconds: timeLimit } : { kind: "cancelled" },
    stop: () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    },
  };
}

/** Ends the command by the end of its input; what it left behind after its own end, by its process group. */
async function end(process: RemoteProcess, connection: Connection, group: () => string): Promise<void> {
  process.stdin.end();
  if (await within(process.ended, endGrace)) return;
  if (/^\d+$/.test(group())) {
    await connection.exec(`kill -s KILL -- -${group()}`, { timeout: leftoverGrace }).catch(() => undefined);
  }
  if (await within(process.ended, leftoverGrace)) return;
  process.kill();
  await within(process.ended, leftoverGrace);
}
