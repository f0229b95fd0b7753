import { randomBytes } from "node:crypto";
import { Failure, throwIfCancelled } from "../../common/failure.js";
import { longestRest, startDeadline } from "./exec.js";
import {
  askToEndText,
  createErrorReader,
  createHeldShellFrameReader,
  endText,
  scriptText,
  shellText,
} from "./heldShellFrames.js";
import { createHeldJob, type HeldJob } from "./heldJob.js";
import type { RemoteProcess } from "../model/connection.js";
import { isSshFailure, type SshFailure } from "../model/failures.js";
import type { HeldShell, ScriptOptions, ScriptResult } from "../model/heldShell.js";

export interface HeldShellOptions {
  /** As a person knows it. */
  readonly host: string;
  /**
   * Starts {@link shellCommand} in a place that stays, and gives it the beginning of its input.
   * @throws Failure with an `SshFailure`, or Cancelled.
   */
  readonly open: (input: Buffer, signal: AbortSignal) => Promise<RemoteProcess>;
  /**
   * Whether the shell may be killed and opened again when a script hangs in it. If the connection would end with it,
   * the script is only asked to end.
   */
  readonly isReplaceable: boolean;
}

/**
 * The one command that we send: understood alike by sh, bash, zsh, dash, csh and fish. Everything else travels on
 * its standard input, so no login shell ever reads a value of ours.
 */
export const shellCommand = "exec /bin/sh -s";
/** Characters of foreign output kept in a failure. */
export const diagnosisLength = 2_000;
/** Bytes of output kept by default. */
const usualOutputLimit = 1024 * 1024;
/** Milliseconds to wait for a free session slot. */
const slotPatience = 20_000;

/** Opens another shell when a script hangs in the current one, or when it has ended. */
export function createHeldShell(options: HeldShellOptions): HeldShell {
  let channel: HeldChannel | undefined;
  return {
    run: async (script, wishes = {}) => {
      throwIfCancelled(wishes.signal);
      if (!channel?.isOpen) channel = createHeldChannel(options);
      return channel.run(script, wishes);
    },
  };
}

interface HeldChannel extends Required<HeldShell> {
  readonly isOpen: boolean;
}

function createHeldChannel({ host, open, isReplaceable }: HeldShellOptions): HeldChannel {
  const tag = randomBytes(8).toString("hex");
  const jobs = new Map<number, HeldJob>();
  const over = new AbortController();
  let process: RemoteProcess | undefined;
  let unsent: Buffer[] | undefined;
  let isReady = false;
  let last = 0;
  const noise = createNoise();
  const errors = { areHeard: true };

  const shellEnded = (): Error => new Failure<SshFailure>({ code: "shell-ended", host });
  const early = (exitStatus?: number): Error =>
    isReady ? shellEnded() : didNotRunOn(host, noise.tail(), exitStatus);

  const close = (error: Error): void => {
    if (over.signal.aborted) return;
    over.abort();
    if (process) endShell(process);
    for (const job of jobs.values()) job.fail(error);
    jobs.clear();
  };
  const giveUp = (): void => {
    if (isReplaceable) close(early());
  };
  const late = ({ pid }: HeldJob): void => {
    if (isReplaceable) close(shellEnded());
    else if (pid !== undefined) send(Buffer.from(askToEndText(pid)));
  };
  const onNoise = (bytes: Buffer): void => {
    if (noise.add(bytes) > longestRest) giveUp();
  };

  const hold = (opened: RemoteProcess): void => {
    listen(opened, tag, jobs, { onReady: () => (isReady = true), onNoise, isReady: () => isReady });
    void opened.ended.then((end) => close(end.kind === "lost" ? end.failure : early(end.code)));
    // Running scripts may still answer, but the shell takes no new one.
    void opened.exited?.then(() => {
      if (isReady) close(shellEnded());
    });
    process = opened;
    if (over.signal.aborted) endShell(opened);
    for (const text of unsent?.splice(0) ?? []) opened.stdin.write(text);
  };

  const start = async (input: Buffer): Promise<void> => {
    const full = new Failure<SshFailure>({ code: "channel-refused", host, reason: "MaxSessions" });
    const timer = setTimeout(close, slotPatience, full);
    try {
      hold(await open(input, over.signal));
    } catch (error) {
      close(error as Error);
    } finally {
      clearTimeout(timer);
    }
  };

  const send = (text: Buffer): void => {
    if (process) process.stdin.write(text);
    else if (unsent) unsent.push(text);
    else {
      unsent = [];
      void start(Buffer.concat([shellText(tag), text]));
    }
  };

  return {
    get isOpen() {
      return !over.signal.aborted;
    },
    run: async (script, wishes = {}): Promise<ScriptResult> => {
      const number = (last += 1);
      const limit = wishes.outputLimit ?? usualOutputLimit;
      const unfinished = (said: Buffer): Error => didNotRunOn(host, said);
      const { onStdout } = wishes;
      const job = createHeldJob({ tag, limit, errors, unfinished, onTooMuch: giveUp, onStdout });
      jobs.set(number, job);
      const ending = endInTime(job, host, wishes, () => late(job));
      send(scriptText(tag, number, script, { limit, live: isLive(wishes) }));
      try {
        return await ending;
      } finally {
        jobs.delete(number);
      }
    },
  };
}

/** @param said by start-up files, or by the script itself. */
export function didNotRunOn(host: string, said: Buffer, exitStatus?: number): Failure<SshFailure> {
  const output = said.toString("utf8").trim().slice(-diagnosisLength);
  return new Failure<SshFailure>({ code: "script-did-not-run", host, output, exitStatus });
}

/** @param late whether the script hangs or is not wanted any longer: it must not go on alone. */
async function endInTime(
  job: HeldJob,
  host: string,
  wishes: ScriptOptions,
  late: () => void,
): Promise<ScriptResult> {
  const deadline = startDeadline(wishes, host);
  try {
    return await Promise.race([job.result, deadline.passed]);
  } catch (error) {
    if (!deadline.signal.aborted) throw error;
    late();
    const partial = wishes.keepPartial && isSshFailure(error, "exec-timed-out") && job.partial();
    if (partial) return partial;
    throw error;
  } finally {
    deadline.stop();
  }
}

/** Hands what the shell prints to the scripts that it belongs to. */
function listen(
  { stdin, stdout, stderr }: RemoteProcess,
  tag: string,
  jobs: ReadonlyMap<number, HeldJob>,
  hear: {
    /** With each answer. */
    readonly onReady: () => void;
    readonly isReady: () => boolean;
    readonly onNoise: (bytes: Buffer) => void;
  },
): void {
  const frames = createHeldShellFrameReader(tag, {
    onFrame: (frame) => {
      hear.onReady();
      jobs.get(frame.number)?.take(frame);
    },
    onNoise: hear.onNoise,
  });
  const errors = createErrorReader(tag, {
    onMark: (mark) => jobs.get(mark.number)?.hearMark(mark),
    onText: (bytes) => {
      if (!hear.isReady()) hear.onNoise(bytes);
      for (const job of jobs.values()) job.hearError(bytes);
    },
  });
  stdin.on("error", () => undefined);
  stdout.on("data", (chunk: Buffer) => frames.feed(chunk));
  stderr.on("data", (chunk: Buffer) => errors.feed(chunk));
}

/** Ends its scripts too: old servers, and those with a forced command, do not forward signals. */
function endShell(shell: RemoteProcess): void {
  shell.stdin.write(endText);
  shell.kill();
}

/** Whether somebody wants what is printed before it has ended. */
function isLive({ onStdout, keepPartial }: ScriptOptions): boolean {
  return onStdout !== undefined || keepPartial === true;
}

/** The end of what others print, and how much that was. */
function createNoise() {
  let tail = Buffer.alloc(0);
  let count = 0;
  return {
    /** @returns how many bytes there were so far. */
    add: (bytes: Buffer): number => {
      tail = Buffer.concat([tail, bytes]).subarray(-diagnosisLength);
      return (count += bytes.length);
    },
    tail: (): Buffer => tail,
  };
}
