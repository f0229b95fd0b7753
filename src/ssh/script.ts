import { randomBytes } from "node:crypto";
import { encodeBytes } from "../common/bytes.js";
import { Failure } from "../common/failure.js";
import { quoteForShell } from "../common/quote.js";
import type { Connection, ExecOptions } from "./connection.js";
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
 * @param options `onStdout` hears raw output, start-up noise and sentinels included.
 * @throws Failure `script-did-not-run` when the sentinels do not come back, `value-has-nul`, or an `SshFailure` of exec.
 */
export async function runScript(
  connection: Connection,
  script: string,
  args: readonly string[],
  options: Omit<ExecOptions, "stdin"> = {},
): Promise<ScriptResult> {
  const nonce = randomBytes(12).toString("hex");
  const result = await connection.exec(command, { ...options, stdin: assemble(script, args, nonce) });
  const output = between(result.stdout, `<<${nonce}\n`, `\n${nonce}>>`, result.truncated);
  if (output === undefined) {
    const said = Buffer.concat([result.stdout, result.stderr]).toString("utf8").trim();
    throw new Failure<SshFailure>({
      code: "script-did-not-run",
      host: connection.target.host,
      output: said.slice(-diagnosisLength),
    });
  }
  return { output, stderr: result.stderr, code: result.code, truncated: result.truncated };
}

/** The text for `/bin/sh -s`: the script, then one call, so that a script cut short by a lost link runs nothing. */
export function assemble(script: string, args: readonly string[], nonce: string): Buffer {
  if (args.some((value) => value.includes("\0"))) throw new Failure<SshFailure>({ code: "value-has-nul" });
  const quoted = args.map(quoteForShell).join(" ");
  const call = [
    `printf '%s\\n' '<<${nonce}'`,
    `main ${quoted} </dev/null`,
    "status=$?",
    `printf '\\n%s\\n' '${nonce}>>'`,
    'exit "$status"',
  ].join("\n");
  return encodeBytes(`${script}\n{\n${call}\n}\n`);
}

function between(stdout: Buffer, open: string, close: string, truncated: boolean): Buffer | undefined {
  const start = stdout.indexOf(open);
  if (start < 0) return undefined;
  const from = start + open.length;
  const end = stdout.indexOf(close, from - 1);
  if (end < 0) return truncated ? stdout.subarray(from) : undefined;
  return stdout.subarray(from, Math.max(from, end));
}
