import { type ChildProcess, execFile, spawn } from "node:child_process";
import { Failure, throwIfCancelled } from "../../common/failure.js";
import { displayText } from "../../common/text/displayText.js";
import type { EnvironmentFailure } from "../failures.js";

/** The pip of this machine: the words that start it. */
export type LocalPip = readonly string[];

const candidates: readonly LocalPip[] = [
  ...(process.platform === "win32" ? [["py", "-3", "-m", "pip"]] : []),
  ["python3", "-m", "pip"],
  ["python", "-m", "pip"],
  ["pip3"],
  ["pip"],
];

/** Milliseconds for pip to say its version: on a cold disk it takes some seconds. */
const versionLimit = 20_000;
/** Characters kept of what pip says. */
const outputLength = 2_000;

/**
 * The first pip that runs here; undefined where there is none.
 * @param environment PATH is looked through.
 * @param scratch a folder of ours to start it in: Python takes modules, and Windows programs, from where they are started,
 * which may be somebody's project.
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
  /** Proxy, index and configuration of pip are found by it. */
  readonly environment: NodeJS.ProcessEnv;
  /** A folder of ours: pip is started there, and keeps what it needs for a moment, which it leaves behind when it is killed. */
  readonly scratch: string;
  readonly signal: AbortSignal;
  readonly onOutput: (text: string) => void;
}

/** @throws Failure `packages-not-fetched`, or Cancelled; nothing of pip runs on then. */
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
    // A group of its own, so that all of it can be ended.
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
    // It has ended.
  }
}
