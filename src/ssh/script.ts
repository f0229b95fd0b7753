import { randomBytes } from "node:crypto";
import { Transform } from "node:stream";
import { encodeBytes } from "../common/bytes.js";
import { Failure, isFailure, orCancelled } from "../common/failure.js";
import { quoteForShell } from "../common/quote.js";
import type { Connection, ExecOptions, RemoteProcess } from "./connection.js";
import type { SshFailure } from "./failures.js";

/** What a script printed between its sentinels, free of what login shells and start-up files say. */
export interface ScriptResult {
  readonly output: Buffer;
  /** Everything on standard error, start-up noise included: for diagnosis only. */
  readonly stderr: Buffer;
  readonly code: number | undefined;
  readonly truncated: boolean;
}

/**
 * The one command that we send: understood alike by sh, bash, zsh, dash, csh and fish. Everything else travels on
 * its standard input, so no login shell ever reads a value of ours.
 */
const command = "exec /bin/sh -s";

/** Characters of foreign output kept in a failure. */
const diagnosisLength = 2000;

/**
 * Runs a POSIX script on the host in one exec. The script must define a function `main`, which is called with `args`,
 * its standard input empty. It must not print outside `main`.
 * @param args any text without NUL; undecodable bytes (see common/bytes) arrive as they were.
 * @param options `onStdout` hears raw output, start-up noise and sentinels included; `keepPartial` makes what was printed
 * until the time was up a result, `truncated`, instead of a failure.
 * @throws Failure `script-did-not-run` when the sentinels do not come back, `value-has-nul`, or an `SshFailure` of exec.
 */
export async function runScript(
  connection: Connection,
  script: string,
  args: readonly string[],
  { keepPartial = false, ...options }: Omit<ExecOptions, "stdin"> & { readonly keepPartial?: boolean } = {},
): Promise<ScriptResult> {
  const nonce = randomBytes(12).toString("hex");
  const heard: Buffer[] = [];
  const onStdout = (chunk: Buffer): void => {
    if (keepPartial) heard.push(chunk);
    options.onStdout?.(chunk);
  };
  const stdin = assemble(script, args, nonce);
  const result = await connection.exec(command, { ...options, onStdout, stdin }).catch((error: unknown) => {
    if (!keepPartial || !isFailure(error, "exec-timed-out") || heard.length === 0) throw error;
    const stderr = Buffer.alloc(0);
    return { stdout: Buffer.concat(heard), stderr, code: undefined, truncated: true };
  });
  const output = between(result.stdout, `<<${nonce}\n`, `\n${nonce}>>`, result.truncated);
  if (output === undefined) {
    throw didNotRun(connection, Buffer.concat([result.stdout, result.stderr]));
  }
  return { output, stderr: result.stderr, code: result.code, truncated: result.truncated };
}

function didNotRun({ target }: Connection, said: Buffer): Failure<SshFailure> {
  const output = said.toString("utf8").trim().slice(-diagnosisLength);
  return new Failure<SshFailure>({ code: "script-did-not-run", host: target.host, output });
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
): Promise<RemoteProcess> {
  const nonce = randomBytes(12).toString("hex");
  const text = assembleStream(script, args, nonce);
  const process = await connection.spawn(command, signal);
  const { stdout, began, noise } = afterSentinel(`<<${nonce}\n`);
  process.stdout.pipe(stdout);
  // dash reads ahead: what is written before the script runs would be taken for part of it.
  process.stdin.write(text);
  try {
    const first = await orCancelled(Promise.race([began, process.ended]), signal);
    if (first === "began") return { ...process, stdout };
    throw first.kind === "lost" ? first.failure : didNotRun(connection, noise());
  } catch (error) {
    stdout.resume();
    process.stderr.resume();
    process.kill();
    throw error;
  }
}

/** Passes on what comes after the sentinel, and keeps the end of what came before for the diagnosis. */
function afterSentinel(sentinel: string) {
  let before = Buffer.alloc(0);
  let begin: ((news: "began") => void) | undefined;
  const began = new Promise<"began">((resolve) => (begin = resolve));
  const stdout = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      if (!begin) {
        done(null, chunk);
        return;
      }
      before = Buffer.concat([before, chunk]);
      const at = before.indexOf(sentinel);
      if (at < 0) {
        before = before.subarray(-Math.max(diagnosisLength, sentinel.length));
        done();
        return;
      }
      begin("began");
      begin = undefined;
      const rest = before.subarray(at + sentinel.length);
      if (rest.length > 0) done(null, rest);
      else done();
    },
  });
  return { stdout, began, noise: () => before };
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
