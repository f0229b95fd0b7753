import { within } from "../../common/async/within.js";
import { randomBytes } from "node:crypto";
import type { Writable } from "node:stream";
import { aborted } from "../../common/async/pause.js";
import { Cancelled, Failure, orCancelled } from "../../common/failure.js";
import { didNotRunOn, shellCommand } from "../../ssh/channel/heldShell.js";
import { callAtOnce } from "../../ssh/channel/script.js";
import type { Connection, RemoteProcess, RemoteProcessEnd } from "../../ssh/model/connection.js";
import { isSshFailure, type SshFailure } from "../../ssh/model/failures.js";
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
  /** Called when a session is asked for, once more where it is refused; is waited for before anything is sent. */
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
 * @throws Failure with an `SshFailure` when it could not be started (`connection-lost`: nothing of it was sent), or what
 * `begin` throws. Nothing has run then; on a host that was not ready in time, the command is ended as soon as that begins it.
 */
export async function runCommand(connection: Connection, options: RunOptions): Promise<CommandOutcome> {
  const early = endsEarly(options);
  const launch = createLaunch(connection, options, early.signal);
  const { stdout, stderr } = launch;
  try {
    const process = await launch.start();
    early.startClock();
    const first = await Promise.race([process.ended, early.happened]);
    if (first !== undefined) return { end: endOf(first), stdout, stderr };
    await end(process, connection, launch.group);
    return { end: early.end(), stdout, stderr };
  } catch (error) {
    if (error instanceof Cancelled) return { end: early.endBeforeStart(connection), stdout, stderr };
    // Once the host has all of it, nobody knows how far it came.
    if (!launch.isSent() || !isSshFailure(error, "connection-lost")) throw error;
    return { end: { kind: "lost" }, stdout, stderr };
  } finally {
    early.stop();
  }
}

/**
 * Sends the command with its script, in one piece: as soon as a session is open, and `begin` has resolved, which has the time
 * in which that opens.
 */
function createLaunch(
  connection: Connection,
  { command, outputLimit, begin }: RunOptions,
  signal: AbortSignal,
) {
  const mark = randomBytes(12).toString("hex");
  const text = callAtOnce(script, [mark, command, script]);
  let group = "";
  let isSent = false;
  let isGivenUp = false;
  let tell: (how: "runs" | Promise<never>) => void = () => undefined;
  const news = new Promise<"runs">((resolve) => (tell = resolve));
  // Nobody may be waiting for it any longer.
  news.catch(() => undefined);
  const stdout = createCollector(outputLimit, mark, () => tell("runs"));
  const stderr = createCollector(outputLimit, mark, (rest) => (group = rest));

  let begun: Promise<void> | undefined;
  const onPlace = (): void => {
    begun = begin();
    // Heard of when it is to be sent.
    begun.catch(() => undefined);
  };
  const send = async (stdin: Writable): Promise<void> => {
    await begun;
    if (signal.aborted || isGivenUp) return;
    isSent = true;
    stdin.write(text);
  };
  return {
    stdout,
    stderr,
    /** Whether the host may have all that it needs to run it. */
    isSent: () => isSent,
    /** The number of its process group, where it is known. */
    group: () => group,
    /** Resolves when the command runs. @throws Cancelled too. */
    start: async (): Promise<RemoteProcess> => {
      const onOpen = (stdin: Writable): void =>
        void send(stdin).catch((error: Error) => tell(Promise.reject(error)));
      const opening = connection.spawn(shellCommand, { signal, onPlace, onOpen });
      const process = await opening.catch((error: unknown) => {
        isGivenUp = true;
        throw error;
      });
      process.stdout.on("data", (chunk: Buffer) => stdout.add(chunk));
      process.stderr.on("data", (chunk: Buffer) => stderr.add(chunk));
      try {
        const first = await orCancelled(Promise.race([news, process.ended]), signal);
        if (first === "runs") return process;
        if (first.kind === "lost") throw first.failure;
        const noise = Buffer.concat([stdout.noise, stderr.noise]);
        throw didNotRunOn(connection.target.host, noise, first.code);
      } catch (error) {
        process.kill();
        throw error;
      }
    },
  };
}

function endOf(end: RemoteProcessEnd): CommandEnd {
  return end.kind === "lost" ? { kind: "lost" } : end;
}

/** The reasons to end a command before it ends itself. */
function endsEarly({ timeLimit, signal }: RunOptions) {
  const either = new AbortController();
  let why: "cancelled" | "not-ready" | "timed-out" = "cancelled";
  const after = (milliseconds: number, reason: typeof why): NodeJS.Timeout =>
    setTimeout(() => {
      why = reason;
      either.abort();
    }, milliseconds);
  const onAbort = (): void => either.abort();
  if (signal.aborted) either.abort();
  signal.addEventListener("abort", onAbort, { once: true });
  let timer = after(startLimit, "not-ready");
  return {
    signal: either.signal,
    happened: aborted(either.signal),
    /** What the host needs to get ready does not count. */
    startClock: () => {
      clearTimeout(timer);
      timer = after(timeLimit, "timed-out");
    },
    end: (): CommandEnd =>
      why === "timed-out" ? { kind: "timed-out", milliseconds: timeLimit } : { kind: "cancelled" },
    /** @throws Failure `exec-timed-out` when the host did not get ready. */
    endBeforeStart: ({ target: { host } }: Connection): CommandEnd => {
      if (why === "cancelled") return { kind: "cancelled" };
      throw new Failure<SshFailure>({ code: "exec-timed-out", host, seconds: startLimit / 1000 });
    },
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
