import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { timeLimit } from "../../common/async/timeLimit.js";
import { Failure, throwIfCancelled } from "../../common/failure.js";
import { displayText } from "../../common/text/displayText.js";
import type { EnvironmentFailure } from "../failures.js";
import { limitFolder } from "./folderLimit.js";

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
 * @throws Cancelled, after the pip that was tried has ended.
 */
export async function findLocalPip(
  environment: NodeJS.ProcessEnv,
  scratch: string,
  signal: AbortSignal,
): Promise<LocalPip | undefined> {
  for (const pip of candidates) if (await runs(pip, environment, scratch, signal)) return pip;
  return undefined;
}

async function runs(
  pip: LocalPip,
  env: NodeJS.ProcessEnv,
  cwd: string,
  signal: AbortSignal,
): Promise<boolean> {
  throwIfCancelled(signal);
  const limit = timeLimit(versionLimit);
  const code = await ended(start(pip, ["--version"], env, cwd), AbortSignal.any([signal, limit]));
  throwIfCancelled(signal);
  return code === 0;
}

type Program = ChildProcessByStdio<null, Readable, Readable>;

function start(
  [program = "", ...words]: LocalPip,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd: string,
): Program {
  return spawn(program, [...words, ...args], {
    cwd,
    env,
    stdio: ["ignore", "pipe", "pipe"],
    // A process group of its own, so that child processes can be killed, too.
    detached: process.platform !== "win32",
    windowsHide: true,
  });
}

/**
 * Resolves with the exit status when it has ended; undefined if it was killed or did not start.
 * @param signal kills it.
 */
async function ended(
  child: Program,
  signal: AbortSignal,
  hear: (text: string) => void = () => undefined,
): Promise<number | undefined> {
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
  return code ?? undefined;
}

export interface RunPipOptions {
  /** Environment variables: proxy, index and configuration of pip. */
  readonly environment: NodeJS.ProcessEnv;
  /** Working directory and TMPDIR of pip, which leaves temporary files behind when it is killed. */
  readonly scratch: string;
  /** Maximum bytes of the files in `scratch` while pip runs: it is stopped where there are more. */
  readonly mostBytes: number;
  readonly signal: AbortSignal;
  readonly onOutput: (text: string) => void;
}

/** @throws Failure `packages-not-fetched` or `packages-too-large`, or Cancelled, after pip has ended. */
export async function runLocalPip(
  pip: LocalPip,
  args: readonly string[],
  { environment, scratch, mostBytes, signal, onOutput }: RunPipOptions,
): Promise<void> {
  throwIfCancelled(signal);
  const quiet = ["--disable-pip-version-check", "--no-input", "--no-cache-dir", "--progress-bar=off"];
  const env = {
    ...environment,
    ...Object.fromEntries(["TMPDIR", "TEMP", "TMP"].map((name) => [name, scratch])),
    PIP_REQUIRE_VIRTUALENV: "0",
    PYTHONUNBUFFERED: "1",
  };
  let said = "";
  const limit = limitFolder(scratch, mostBytes);
  const stop = AbortSignal.any([signal, limit.tooLarge]);
  const code = await ended(start(pip, [...args, ...quiet], env, scratch), stop, (text) => {
    said = (said + text).slice(-outputLength);
    onOutput(text);
  });
  await limit.stop();
  throwIfCancelled(signal);
  if (limit.tooLarge.aborted)
    throw new Failure<EnvironmentFailure>({ code: "packages-too-large", most: mostBytes });
  if (code === 0) return;
  const output = said
    .trim()
    .split(/[\r\n]+/)
    .map(displayText)
    .join("\n");
  throw new Failure<EnvironmentFailure>({ code: "packages-not-fetched", output });
}

function end(child: Program): void {
  try {
    if (process.platform !== "win32" && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    else child.kill();
  } catch {
    // Ignore: it has already exited.
  }
}
