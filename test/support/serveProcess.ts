import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { findProgram } from "./packages.js";

/** `runicorn-remote serve` as a program of its own. */
export interface ServeProcess {
  readonly url: string;
  readonly process: ChildProcess;
  /** Ends it and waits until it has ended. */
  end(signal?: NodeJS.Signals): Promise<void>;
}

/** Why this system cannot be kept from telling whose programs ask; undefined where it can. */
export const alwaysTellsAccounts: string | undefined =
  process.getuid?.() !== 0 || !findProgram("unshare") ? "needs root and unshare, to hide /proc" : undefined;

/** The words before a program to which the system does not tell whose connections are. */
export const untold = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /proc && exec "$@"', "sh"];

/** @param home holds its data, and is the home folder that it knows. */
export function startServe(home: string, ...args: readonly string[]): Promise<ServeProcess> {
  return startServeBehind([], home, ...args);
}

/** @param words stand before it, such as {@link untold}, and become it. */
export async function startServeBehind(
  words: readonly string[],
  home: string,
  ...args: readonly string[]
): Promise<ServeProcess> {
  const program = ["dist/headless.js", "serve", "--data", home, "--port", "0", ...args];
  const [command = "", ...rest] = [...words, process.execPath, ...program];
  const child = spawn(command, rest, {
    env: { ...process.env, HOME: home, SSH_AUTH_SOCK: "" },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const lines = createInterface({ input: child.stdout });
  const ended = once(child, "exit").then(([status]) => {
    throw new Error(`serve ended with ${String(status)}`);
  });
  const [line] = (await Promise.race([once(lines, "line"), ended])) as [string];
  ended.catch(() => undefined);
  const url = /^Listening on (http:\S+)$/.exec(line)?.[1];
  if (url === undefined) throw new Error(`serve said ${line}`);
  return {
    url,
    process: child,
    end: async (signal = "SIGTERM") => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill(signal);
      await once(child, "exit");
    },
  };
}
