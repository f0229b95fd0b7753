import { randomBytes } from "node:crypto";
import { Transform } from "node:stream";
import { encodeBytes } from "../../common/text/bytes.js";
import { Failure, orCancelled } from "../../common/failure.js";
import { quoteForShell } from "../../common/text/quote.js";
import { createCollector, defaultOutputLimit } from "./exec.js";
import { diagnosisLength, didNotRunOn, shellCommand } from "./heldShell.js";
import type { Connection, SlotWish, RemoteProcess } from "../model/connection.js";
import { isSshFailure, type SshFailure } from "../model/failures.js";
import type { ScriptOptions, ScriptResult } from "../model/heldShell.js";

/** Bytes that may come before the first sentinel, of each stream: a start-up file prints a page or two. */
const longestNoise = 8 * 1024 * 1024;
/** Milliseconds for a login shell to come to our script. */
const longestStart = 60_000;

/**
 * Runs a POSIX script on the host in a session of its own, or in the held shell where the server has no place for one. The
 * script must define a function `main`, which is called with `args`, its standard input empty. It must not print outside
 * `main`.
 * @param args any text without NUL; undecodable bytes (see common/bytes) arrive as they were.
 * @param options `onStdout` hears raw output: in a session of its own with start-up noise and sentinels.
 * @throws Failure `script-did-not-run` when the sentinels do not come back, `value-has-nul`, or an `SshFailure` of exec.
 */
export async function runScript(
  connection: Connection,
  script: string,
  args: readonly string[],
  options: ScriptOptions = {},
): Promise<ScriptResult> {
  try {
    return await runAlone(connection, script, args, options);
  } catch (error) {
    if (!isSshFailure(error, "channel-refused")) throw error;
    return connection.heldShell.run(callOf(script, args), options);
  }
}

/**
 * The same for a script that is over soon and may run twice: in the held shell, beside others, a single round trip away. It
 * runs again in a session of its own when that shell ends under it.
 * @param options `outputLimit` is 1 MiB by default.
 */
export async function runShortScript(
  connection: Connection,
  script: string,
  args: readonly string[],
  options: ScriptOptions = {},
): Promise<ScriptResult> {
  const text = callOf(script, args);
  const { timeout } = options;
  const startedAt = performance.now();
  try {
    return await connection.heldShell.run(text, options);
  } catch (error) {
    if (!isSshFailure(error, "shell-ended", "script-did-not-run")) throw error;
    // One time limit for all attempts together.
    const left = timeout === undefined ? undefined : timeout - (performance.now() - startedAt);
    return runScript(connection, script, args, { ...options, timeout: left && Math.max(1, left) });
  }
}

async function runAlone(
  connection: Connection,
  script: string,
  args: readonly string[],
  { keepPartial = false, ...options }: ScriptOptions,
): Promise<ScriptResult> {
  const nonce = randomBytes(12).toString("hex");
  const heard = createCollector(keepPartial ? (options.outputLimit ?? defaultOutputLimit) : 0);
  const search = searchFor(`<<${nonce}\n`);
  const giveUp = new AbortController();
  const onStdout = (chunk: Buffer): void => {
    heard.add(chunk);
    search.feed(chunk);
    if (search.isHopeless()) giveUp.abort();
    options.onStdout?.(chunk);
  };
  const signal = options.signal ? AbortSignal.any([options.signal, giveUp.signal]) : giveUp.signal;
  const stdin = assemble(script, args, nonce);
  const execution = connection.exec(shellCommand, { ...options, signal, onStdout, stdin, slot: "now" });
  const result = await execution.catch((error: unknown) => {
    if (giveUp.signal.aborted && !options.signal?.aborted)
      throw didNotRunOn(connection.target.host, search.before());
    if (!keepPartial || !isSshFailure(error, "exec-timed-out") || heard.bytes().length === 0) throw error;
    return { stdout: heard.bytes(), stderr: Buffer.alloc(0), code: undefined, truncated: true };
  });
  const output = between(result.stdout, `<<${nonce}\n`, `\n${nonce}>>`, result.truncated);
  if (output === undefined) {
    const said = Buffer.concat([result.stdout, result.stderr]);
    throw didNotRunOn(connection.target.host, said, result.code);
  }
  return { output, stderr: result.stderr, code: result.code, truncated: result.truncated };
}

/**
 * Starts a POSIX script that is talked with while it runs: its `main` reads what is written to `stdin`, and `stdout`
 * begins with its first byte. Resolves once it runs.
 * @throws Failure `script-did-not-run`, `value-has-nul`, or an `SshFailure` of spawn; Cancelled.
 */
export async function startScript(
  connection: Connection,
  script: string,
  args: readonly string[],
  signal?: AbortSignal,
  slot?: SlotWish,
): Promise<RemoteProcess> {
  const nonce = randomBytes(12).toString("hex");
  const text = assembleStream(script, args, nonce);
  const process = await connection.spawn(shellCommand, { signal, input: text, slot });
  const start = awaitSentinel(process, `<<${nonce}\n`);
  try {
    // dash reads ahead: input that is sent before the script runs would be read as part of it.
    const first = await orCancelled(Promise.race([start.news, process.ended]), signal);
    if (first === "began") return { ...process, stdout: start.stdout, stderr: start.stderr };
    const { host } = connection.target;
    if (typeof first !== "object") throw didNotRunOn(host, start.noise());
    throw first.kind === "lost" ? first.failure : didNotRunOn(host, start.noise(), first.code);
  } catch (error) {
    start.stdout.resume();
    start.stderr.resume();
    process.kill();
    throw error;
  } finally {
    start.stop();
  }
}

/**
 * Passes on what comes after the sentinel, and of standard error what is read after it was; what came before is for the
 * diagnosis.
 */
function awaitSentinel({ stdout, stderr }: RemoteProcess, sentinel: string) {
  const search = searchFor(sentinel);
  const complaints = searchFor(undefined);
  let tell: (news: "began" | "hopeless") => void = () => undefined;
  const news = new Promise<"began" | "hopeless">((resolve) => (tell = resolve));
  const timer = setTimeout(() => tell("hopeless"), longestStart);
  const passing = (search: Search, isStdout: boolean): Transform =>
    new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        if (hasBegun()) {
          done(null, chunk);
          return;
        }
        const rest = search.feed(chunk);
        if (isStdout && hasBegun()) tell("began");
        else if (search.isHopeless()) tell("hopeless");
        if (rest && rest.length > 0) done(null, rest);
        else done();
      },
    });
  const hasBegun = (): boolean => search.isFound();
  return {
    news,
    stdout: stdout.pipe(passing(search, true)),
    stderr: stderr.pipe(passing(complaints, false)),
    noise: () => Buffer.concat([search.before(), complaints.before()]),
    stop: () => clearTimeout(timer),
  };
}

type Search = ReturnType<typeof searchFor>;

/** Looks for the sentinel in what comes piece by piece (undefined: it never comes), and keeps the end of what is before. */
function searchFor(sentinel: string | undefined) {
  let before = Buffer.alloc(0);
  let noise = 0;
  let found = false;
  return {
    /** @returns what comes behind the sentinel. */
    feed: (chunk: Buffer): Buffer | undefined => {
      if (found) return chunk;
      before = Buffer.concat([before, chunk]);
      const at = sentinel === undefined ? -1 : before.indexOf(sentinel);
      if (at >= 0) {
        found = true;
        return before.subarray(at + (sentinel?.length ?? 0));
      }
      noise += chunk.length;
      before = before.subarray(-diagnosisLength);
      return undefined;
    },
    before: (): Buffer => before,
    isFound: (): boolean => found,
    isHopeless: (): boolean => !found && noise > longestNoise,
  };
}

/** The text for `/bin/sh -s` whose output stands between two sentinels; `main` has no standard input. */
export function assemble(script: string, args: readonly string[], nonce: string): Buffer {
  return withCall(script, [
    `printf '%s\\n' '<<${nonce}'`,
    `main ${quoteAll(args)} </dev/null`,
    "status=$?",
    `printf '\\n%s\\n' '${nonce}>>'`,
    'exit "$status"',
  ]);
}

/** The same for a script that is talked with: what is sent after the first sentinel is the standard input of `main`. */
function assembleStream(script: string, args: readonly string[], nonce: string): Buffer {
  return withCall(script, [`printf '%s\\n' '<<${nonce}'`, `main ${quoteAll(args)}`, "exit"]);
}

/** The same without a sentinel: for a script that says by itself when it runs. */
export function callAtOnce(script: string, args: readonly string[]): Buffer {
  return withCall(script, [`main ${quoteAll(args)}`, "exit"]);
}

/** The same for the held shell, which says by itself where the output begins and ends. */
export function callOf(script: string, args: readonly string[]): Buffer {
  return encodeBytes(`${script}\nmain ${quoteAll(args)}`);
}

/** One compound command at the end, so that a script cut short by a lost link runs nothing. */
function withCall(script: string, call: readonly string[]): Buffer {
  return encodeBytes(`${script}\n{\n${call.join("\n")}\n}\n`);
}

function quoteAll(args: readonly string[]): string {
  if (args.some((value) => value.includes("\0"))) throw new Failure<SshFailure>({ code: "value-has-nul" });
  return args.map(quoteForShell).join(" ");
}

function between(stdout: Buffer, open: string, close: string, truncated: boolean): Buffer | undefined {
  const start = stdout.indexOf(open);
  if (start < 0) return undefined;
  const from = start + open.length;
  const end = stdout.indexOf(close, from - 1);
  if (end < 0) return truncated ? stdout.subarray(from) : undefined;
  return stdout.subarray(from, Math.max(from, end));
}
