import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import type { Writable } from "node:stream";
import { timeLimit } from "../../common/async/timeLimit.js";
import type { Disposable } from "../../common/async/disposable.js";
import { aborted } from "../../common/async/pause.js";
import { orCancelled } from "../../common/failure.js";
import { removeOurNames } from "./privateFolder.js";

/**
 * An ssh process that forwards, and runs `cat` or a shell on the host. It ends when its standard input closes, and so
 * when we die.
 */
export interface HeldSsh {
  /** Of what runs on the host. The answers to {@link HeldSsh.answers} are among its output. */
  readonly streams: Pick<ChildProcessWithoutNullStreams, "stdin" | "stdout" | "stderr">;
  /** Settles when it is going. */
  readonly ending: Promise<void>;
  /** Whether it is alive, by a round trip to the host. */
  answers(): Promise<boolean>;
  /** Resolves when it is closed. */
  close(): Promise<void>;
}

export type SshStart =
  | { readonly kind: "running"; readonly ssh: HeldSsh }
  /** `said` is the end of what it wrote on standard error. */
  | { readonly kind: "ended"; readonly said: string };

/**
 * Milliseconds until the host must have answered. A login shell with slow start-up files is in time; one that
 * runs something else never answers.
 */
const usualStartLimit = 20_000;
/** Milliseconds to exit before it is killed. */
const closeGrace = 1_000;
/** Milliseconds until it is asked once more: a start-up file may have read the first question. */
const askAgain = 2_000;
const wordLength = 16;
/** Characters kept of what it says. */
const longestDiagnosis = 1_000;
/** What it says while it starts is told so many milliseconds later, so often at most, and so many characters of it. */
const noticeDelay = 200;
const mostNotices = 20;
const longestNotice = 8_000;

export interface HeldSshOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal | undefined;
  /** Aborts when it should have answered. Default: after 20 s. */
  readonly limit?: AbortSignal;
  /** Hears what ssh says on standard error before it runs: the server's banner, a call to touch a key. */
  readonly onSaid?: (text: string) => void;
  /** Removed by whoever ends it when we cannot: it then ends with us whatever runs through it. */
  readonly folder?: string;
}

/**
 * Becomes ssh, beside a process that ends it when our end of descriptor 3 closes without a word. It goes into the
 * folder at once: what it removes later is what lies there, whatever has the folder's name by then.
 */
const watched = `folder=$1
shift
( exec </dev/null >/dev/null 2>&1
cd -- "$folder" || exit
read -r _ <&3 || { kill $$; ${removeOurNames}; cd /; rmdir -- "$folder"; } ) &
exec "$@" 3<&-`;

/**
 * A remote command, and not `-N`: sshd turns Nagle's algorithm off only for sessions, without one each short request
 * waits 40 ms. What is written to `cat`, or what a shell is told to say, comes back when everything is set up.
 * @throws Cancelled
 */
export async function startHeldSsh(
  command: string,
  args: readonly string[],
  { environment, signal, limit = timeLimit(usualStartLimit), onSaid, folder }: HeldSshOptions,
): Promise<SshStart> {
  // In a session of its own: it must not prompt in our terminal.
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
  const hearing = onSaid && tellWhileItRuns(child, onSaid);
  let answer: (isThere: boolean) => void = () => undefined;
  const answered = new Promise<boolean>((resolve) => (answer = resolve));
  const ask = (): void => void held.answers().then(answer);
  const timer = setInterval(ask, askAgain);
  ask();
  try {
    const running = await orCancelled(Promise.race([answered, held.misheard, aborted(limit)]), signal);
    if (running === true) {
      hearing?.tellRest();
      return { kind: "running", ssh: held };
    }
    await held.close();
    return { kind: "ended", said: held.said() || (limit.aborted ? "no answer" : await held.ended) };
  } catch (error) {
    await held.close();
    throw error;
  } finally {
    clearInterval(timer);
    hearing?.dispose();
  }
}

/** Tells what is said, a moment later: the last words of an ssh that ends are its failure, and are told with that. */
function tellWhileItRuns(
  { stderr }: ChildProcessWithoutNullStreams,
  tell: (text: string) => void,
): Disposable & {
  /** It started: report what it said, which was no failure. */
  tellRest(): void;
} {
  let text = "";
  let told = 0;
  let timer: NodeJS.Timeout | undefined;
  const tellRest = (): void => {
    timer = undefined;
    if (text !== "" && (told += 1) <= mostNotices) tell(text);
    text = "";
  };
  const onData = (chunk: Buffer): void => {
    text = (text + chunk.toString("utf8")).slice(0, longestNotice);
    timer ??= setTimeout(tellRest, noticeDelay);
  };
  stderr.on("data", onData);
  return {
    tellRest,
    dispose: () => {
      clearTimeout(timer);
      stderr.off("data", onData);
    },
  };
}

function hold(child: ChildProcessWithoutNullStreams): HeldSsh & {
  readonly ended: Promise<string>;
  readonly said: () => string;
  /** Settles, with false, when a question comes back as part of a complaint: what has read it is no shell and no `cat`. */
  readonly misheard: Promise<boolean>;
} {
  let said = "";
  let tellMisheard: (running: boolean) => void = () => undefined;
  const misheard = new Promise<boolean>((resolve) => (tellMisheard = resolve));
  const { ask, isQuoted } = questionsTo(child);
  child.stderr.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString("utf8")).slice(-longestDiagnosis);
    if (isQuoted(said)) tellMisheard(false);
  });
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
    streams: child,
    ended,
    ending,
    said: () => said.trim(),
    misheard,
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
    // Already exited.
  }
}

/**
 * Login shells may say something first, without an end of line, so each question is a word of its own. A shell says it, and
 * `cat` the whole line.
 */
function questionsTo({ stdin, stdout }: ChildProcessWithoutNullStreams): {
  readonly ask: () => Promise<void>;
  /** Whether a question that waits for its answer stands in this text. */
  readonly isQuoted: (text: string) => boolean;
} {
  const waiting = new Map<string, () => void>();
  let output = "";
  stdin.on("error", () => undefined);
  stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString("latin1");
    for (const [word, answered] of waiting) {
      if (!output.includes(word)) continue;
      waiting.delete(word);
      answered();
    }
    output = output.slice(-wordLength);
  });
  return {
    ask: () =>
      new Promise((resolve) => {
        const word = randomBytes(wordLength / 2).toString("hex");
        waiting.set(word, resolve);
        stdin.write(`echo ${word}\n`);
      }),
    isQuoted: (text) => [...waiting.keys()].some((word) => text.includes(word)),
  };
}
