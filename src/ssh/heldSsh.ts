import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import type { Writable } from "node:stream";
import { orCancelled } from "../common/failure.js";

/** An ssh that forwards and runs `cat` on the host for as long as its standard input is open: our death ends it too. */
export interface HeldSsh {
  /** Settles when it is going. */
  readonly ending: Promise<void>;
  /** Whether it is alive: what is asked makes its way to the host and back. */
  answers(): Promise<boolean>;
  /** Resolves when it is gone. */
  close(): Promise<void>;
}

export type SshStart =
  | { readonly kind: "running"; readonly ssh: HeldSsh }
  /** `said` is the end of what it wrote on standard error. */
  | { readonly kind: "ended"; readonly said: string };

/**
 * Milliseconds until the host's `cat` must have answered. A login shell with slow start-up files is in time; one that
 * runs something else never answers.
 */
const usualStartLimit = 20_000;
/** Milliseconds for it to end by itself. */
const closeGrace = 1_000;
const wordLength = 16;
/** Characters kept of what it says. */
const longestDiagnosis = 1_000;

export interface HeldSshOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal | undefined;
  /** Aborts when it should have answered. Default: after 20 s. */
  readonly limit?: AbortSignal;
  /** Removed by whoever ends it when we cannot: it then ends with us whatever runs through it. */
  readonly folder?: string;
}

/**
 * Becomes ssh, beside a process that ends it when our end of descriptor 3 closes without a word.  */
const watched = `folder=$1
shift
( exec </dev/null >/dev/null 2>&1; read -r _ <&3 || { kill $$; rm -rf -- "$folder"; } ) &
exec "$@" 3<&-`;

/**
 * A remote command, and not `-N`: sshd turns Nagle's algorithm off only for sessions, without one each short request
 * waits 40 ms. What is written to `cat` comes back when everything is set up.
 * @throws Cancelled
 */
export async function startHeldSsh(
  command: string,
  args: readonly string[],
  { environment, signal, limit = AbortSignal.timeout(usualStartLimit), folder }: HeldSshOptions,
): Promise<SshStart> {
  // A session of its own: it must not ask in the terminal that we were started from.
  const detached = process.platform !== "win32";
  const [program, words] =
    folder === undefined ? [command, args] : ["/bin/sh", ["-c", watched, "sh", folder, command, ...args]];
  const child = spawn(program, words, {
    env: environment,
    detached,
    windowsHide: true,
    stdio: ["pipe", "pipe", "pipe", folder === undefined ? "ignore" : "pipe"],
  }) as ChildProcessWithoutNullStreams;
  const held = hold(child);
  try {
    const running = await orCancelled(Promise.race([held.answers(), aborted(limit)]), signal);
    if (running) return { kind: "running", ssh: held };
    await held.close();
    return { kind: "ended", said: held.said() || (limit.aborted ? "no answer" : await held.ended) };
  } catch (error) {
    await held.close();
    throw error;
  }
}

function hold(child: ChildProcessWithoutNullStreams): HeldSsh & {
  readonly ended: Promise<string>;
  readonly said: () => string;
} {
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-longestDiagnosis);
  });
  const ask = questionsTo(child);
  const ended = new Promise<string>((resolve) => {
    child.once("error", ({ message }) => resolve(message));
    const watcher = child.stdio[3] as Writable | null;
    watcher?.on("error", () => undefined);
    child.once("exit", () => watcher?.end("it ended\n"));
    child.once("close", (code, signal) => resolve(`exit status ${code ?? signal ?? "unknown"}`));
  });
  const ending = new Promise<void>((resolve) => {
    child.stdout.once("end", resolve);
    void ended.then(() => resolve());
  });
  return {
    ended,
    ending,
    said: () => said.trim(),
    answers: () => Promise.race([ask().then(() => true), ending.then(() => false)]),
    close: async () => {
      child.stdin.end();
      end(child, "SIGTERM");
      const timer = setTimeout(() => end(child, "SIGKILL"), closeGrace);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** With the ssh of each jump host, which it started. */
function end({ pid, exitCode, signalCode }: ChildProcessWithoutNullStreams, signal: NodeJS.Signals): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, signal);
  } catch {
    // It ended by itself.
  }
}

/** Login shells may say something first, without an end of line, so each question is a word of its own. */
function questionsTo({ stdin, stdout }: ChildProcessWithoutNullStreams): () => Promise<void> {
  const waiting = new Map<string, () => void>();
  let output = "";
  stdin.on("error", () => undefined);
  stdout.setEncoding("latin1").on("data", (text: string) => {
    output += text;
    for (const [word, answered] of waiting) {
      if (!output.includes(word)) continue;
      waiting.delete(word);
      answered();
    }
    output = output.slice(-wordLength);
  });
  return () =>
    new Promise((resolve) => {
      const word = randomBytes(wordLength / 2).toString("hex");
      waiting.set(word, resolve);
      stdin.write(`${word}\n`);
    });
}

function aborted(signal: AbortSignal): Promise<false> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(false), { once: true }));
}
