import { aborted } from "../../common/async/pause.js";
import { Cancelled, Failure } from "../../common/failure.js";
import type { Connection } from "../../ssh/model/connection.js";
import { isSshFailure, type SshFailure } from "../../ssh/model/failures.js";
import {
  type CommandEnd,
  type Launch,
  type LaunchOptions,
  type Printed,
  RunnerUnavailable,
} from "./launch.js";
import { launchAlone } from "./runAlone.js";
import { launchInRunner } from "./runInRunner.js";
import type { Runner } from "./runner.js";

export interface CommandOutcome extends Printed {
  readonly end: CommandEnd;
}

export interface RunOptions extends LaunchOptions {
  /** Runs it where it is ready. */
  readonly runner: Runner;
  /** Milliseconds. */
  readonly timeLimit: number;
  readonly signal: AbortSignal;
}

/** Milliseconds for a host to get ready. */
const startLimit = 30_000;

/**
 * Runs one command. When it is ended early, so is everything that it started.
 * @throws Failure with an `SshFailure` when it could not be started (`connection-lost`: nothing of it was sent), or what
 * `begin` throws. Nothing has run then; on a host that was not ready in time, the command is ended as soon as that begins it.
 */
export async function runCommand(connection: Connection, options: RunOptions): Promise<CommandOutcome> {
  const { runner } = options;
  const early = endsEarly(options);
  try {
    for (;;) {
      const launch = runner.isReady
        ? launchInRunner(connection, runner, options, early.signal)
        : launchAlone(connection, options, early.signal, runner.starting);
      try {
        return await see(launch, early, connection);
      } catch (error) {
        if (!(error instanceof RunnerUnavailable)) throw error;
      }
    }
  } finally {
    early.stop();
  }
}

async function see(launch: Launch, early: Early, connection: Connection): Promise<CommandOutcome> {
  const { stdout, stderr } = launch;
  try {
    const running = await launch.start();
    early.startClock();
    const first = await Promise.race([running.ended, early.happened]);
    if (first !== undefined) return { end: first, stdout, stderr };
    await running.end();
    return { end: early.end(), stdout, stderr };
  } catch (error) {
    if (error instanceof Cancelled) return { end: early.endBeforeStart(connection), stdout, stderr };
    // Once it was sent completely, it is unknown how far it ran.
    if (!launch.isSent() || !isSshFailure(error, "connection-lost")) throw error;
    return { end: { kind: "lost" }, stdout, stderr };
  }
}

type Early = ReturnType<typeof endsEarly>;

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
