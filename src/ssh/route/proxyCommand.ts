import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { Duplex } from "node:stream";
import { Failure } from "../../common/failure.js";
import { notFromCurrentFolder, windowsShell } from "../config/findProgram.js";
import type { At, SshFailure } from "../model/failures.js";

export interface ProxyCommand {
  /** Tokens expanded; a line for the local shell, as the person's configuration has it. */
  readonly command: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly at: At;
}

/** Characters kept of what the command says. */
const longestOutput = 2_000;

/**
 * Starts the command of ProxyCommand, whose standard streams are the way to the host. It ends with the stream.
 * @returns the stream; destroyed with a Failure `proxy-command-failed` when the command ends by itself with an error.
 */
export function startProxyCommand({ command, environment, at }: ProxyCommand): Duplex {
  const child = startShell(command, environment);
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output = (output + text).slice(-longestOutput);
  });
  const failed = (reason: string): Failure<SshFailure> =>
    new Failure<SshFailure>({
      code: "proxy-command-failed",
      ...at,
      command,
      output: output.trim() || reason,
    });
  const stream = new Duplex({
    read: () => void child.stdout.resume(),
    // Ignore write errors: the exit of the command gives a better reason than "broken pipe".
    write: (chunk, _encoding, done) => child.stdin.write(chunk, () => done()),
    final: (done) => child.stdin.end(done),
    destroy: (error, done) => {
      child.kill("SIGHUP");
      done(error);
    },
  });
  child.stdin.on("error", () => undefined);
  child.stdout.on("data", (chunk) => {
    if (!stream.push(chunk)) child.stdout.pause();
  });
  child.once("error", ({ message }) => stream.destroy(failed(message)));
  child.once("close", (code) => {
    if (code === 0) stream.push(null);
    else stream.destroy(failed(`exit status ${code ?? "unknown"}`));
  });
  return stream;
}

/** As ssh does it: the person's own shell, which the command replaces; on Windows the command interpreter. */
function startShell(command: string, environment: NodeJS.ProcessEnv): ChildProcessWithoutNullStreams {
  const options = { env: environment, windowsHide: true } as const;
  if (process.platform === "win32") {
    const env = { ...environment, ...notFromCurrentFolder };
    const args = ["/d", "/s", "/c", `"${command}"`];
    return spawn(windowsShell(environment), args, { ...options, env, windowsVerbatimArguments: true });
  }
  return spawn(environment["SHELL"] || "/bin/sh", ["-c", `exec ${command}`], options);
}
