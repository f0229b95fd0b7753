import { spawn } from "node:child_process";
import { once } from "node:events";
import { PassThrough, type Writable } from "node:stream";
import { pause } from "../../common/async/pause.js";
import { Failure } from "../../common/failure.js";
import type { RemoteProcess, RemoteProcessEnd } from "../model/connection.js";
import type { SshFailure } from "../model/failures.js";
import { thisMachine } from "../model/thisMachine.js";

export interface LocalConnectionOptions {
  /** Where commands start, as a login does. */
  readonly home: string;
  /** What commands get, except what is meant for the program that we run in. */
  readonly environment: NodeJS.ProcessEnv;
}

/** A command that runs here. */
export interface LocalProcess extends RemoteProcess {
  /** Settles when it has ended; where it was killed, with all of its process group. Never rejects. */
  readonly over: Promise<void>;
}

/** Milliseconds in which what was sent TERM may end by itself. */
const killGrace = 2_000;
/** Milliseconds between two checks whether it has ended. */
const lookEvery = 25;

/** Settings of VS Code, Electron and Node for their own processes; a Python or a shell must not get them. */
const ownVariables = /^(VSCODE_|ELECTRON_|NODE_OPTIONS$|APPLICATION_INSIGHTS_|CHROME_DESKTOP$)/;

/**
 * Starts one command in a process group of its own, with which it ends: killing it sends TERM, and KILL to what is left of
 * the group after a short time.
 * @param feed gives it the beginning of its standard input.
 * @throws Failure `channel-refused` with the system's words.
 */
export async function startProcess(
  command: string,
  { home, environment }: LocalConnectionOptions,
  feed: (stdin: Writable) => void,
): Promise<LocalProcess> {
  const child = spawn("/bin/sh", ["-c", command], {
    cwd: home,
    env: withoutOwn(environment),
    detached: true,
  });
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on("error", () => undefined);
  const exited = once(child, "exit").then(
    () => undefined,
    () => undefined,
  );
  // Node throws away what nobody has begun to read when a process ends, so it is read from the start.
  const [stdout, stderr] = [child.stdout.pipe(new PassThrough()), child.stderr.pipe(new PassThrough())];
  const ended = Promise.all([
    new Promise<RemoteProcessEnd>((resolve) => {
      child.once("close", (code: number | null, signal: NodeJS.Signals | null) =>
        resolve({ kind: "exited", code: code ?? undefined, signal: signal?.replace(/^SIG/, "") }),
      );
    }),
    ...[stdout, stderr].map((stream) => new Promise((resolve) => stream.once("close", resolve))),
  ]).then(([end]) => end);
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", ({ message }) =>
      reject(new Failure<SshFailure>({ code: "channel-refused", host: thisMachine.host, reason: message })),
    );
  });
  feed(child.stdin);
  let ending: Promise<void> | undefined;
  return {
    stdin: child.stdin,
    stdout,
    stderr,
    ended,
    exited,
    over: ended.then(() => ending),
    kill: () => {
      ending ??= endGroup(child.pid);
      for (const stream of [child.stdin, child.stdout, child.stderr, stdout, stderr]) stream.destroy();
    },
  };
}

async function endGroup(pid: number | undefined): Promise<void> {
  if (pid === undefined || !signalGroup(pid, "SIGTERM")) return;
  const started = performance.now();
  while (performance.now() - started < killGrace) {
    await pause(lookEvery);
    if (!signalGroup(pid, 0)) return;
  }
  signalGroup(pid, "SIGKILL");
}

/** @returns whether anything was there. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

function withoutOwn(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !ownVariables.test(name)));
}
