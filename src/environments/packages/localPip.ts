import { type ChildProcess, execFile, spawn } from "node:child_process";
import { Failure, throwIfCancelled } from "../../common/failure.js";
import { displayText } from "../../common/text/displayText.js";
import type { EnvironmentFailure } from "../failures.js";

/** The command that starts pip on this machine. */
export type LocalPip = readonly string[];

const candidates: readonly LocalPip[] = [
  ...(process.platform === "win32" ? [["py", "-3", "-m", "pip"]] : []),
  ["python3", "-m", "pip"],
  ["python", "-m", "pip"],
  ["pip3"],
  ["pip"],
];

/** Milliseconds for `pip --version`, which takes seconds from a cold disk. */
const versionLimit = 20_000;
/** Characters kept from the end of pip's output. */
const outputLength = 2_000;

/**
 * Finds the first pip that works; undefined if there is none.
 * @param environment its PATH is searched.
 * @param scratch an empty folder as working directory: Python imports modules, and Windows runs programs, from there, so
 * it must not be a foreign project.
 */
export async function findLocalPip(
  environment: NodeJS.ProcessEnv,
  scratch: string,
): Promise<LocalPip | undefined> {
  for (const pip of candidates) if (await runs(pip, environment, scratch)) return pip;
  return undefined;
}

function runs([program = "", ...words]: LocalPip, env: NodeJS.ProcessEnv, cwd: string): Promise<boolean> {
  return new Promise((resolve) => {
    const options = { cwd, env, timeout: versionLimit, windowsHide: true };
    execFile(program, [...words, "--version"], options, (error) => resolve(error === null));
  });
}

export interface RunPipOptions {
  /** Environment variables: proxy, index and configuration of pip. */
  readonly environment: NodeJS.ProcessEnv;
  /** Working directory and TMPDIR of pip, which leaves temporary files behind when it is killed. */
  readonly scratch: string;
  readonly signal: AbortSignal;
  readonly onOutput: (text: string) => void;
}

/** @throws Failure `packages-not-fetched`, or Cancelled, after pip has ended. */
export async function runLocalPip(
  [program = "", ...words]: LocalPip,
  args: readonly string[],
  { environment, scratch, signal, onOutput }: RunPipOptions,
): Promise<void> {
  throwIfCancelled(signal);
  const quiet = ["--disable-pip-version-check", "--no-input", "--no-cache-dir", "--progress-bar=off"];
  const child = spawn(program, [...words, ...args, ...quiet], {
    cwd: scratch,
    env: {
      ...environment,
      ...Object.fromEntries(["TMPDIR", "TEMP", "TMP"].map((name) => [name, scratch])),
      PIP_REQUIRE_VIRTUALENV: "0",
      PYTHONUNBUFFERED: "1",
    },
    stdio: ["ignore", "pipe", "pipe"],
    // A process group of its own, so that child processes can be killed, too.
    detached: process.platform !== "win32",
    windowsHide: true,
  });
  let said = "";
  const hear = (text: string): void => {
    said = (said + text).slice(-outputLength);
    onOutput(text);
  };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", hear);
  const stop = (): void => end(child);
  signal.addEventListener("abort", stop, { once: true });
  const code = await new Promise<number | null>((resolve) => {
    child.on("error", (error) => {
      hear(error.message);
      resolve(null);
    });
    child.on("close", resolve);
  });
  signal.removeEventListener("abort", stop);
  throwIfCancelled(signal);
  if (code === 0) return;
  const output = said
    .trim()
    .split(/[\r\n]+/)
    .map(displayText)
    .join("\n");
  throw new Failure<EnvironmentFailure>({ code: "packages-not-fetched", output });
}

function end(child: ChildProcess): void {
  try {
    if (process.platform !== "win32" && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    else child.kill();
  } catch {
    // Ignore: it has already exited.
  }
}
