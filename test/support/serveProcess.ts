import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** `runicorn-remote serve` as a program of its own. */
export interface ServeProcess {
  readonly url: string;
  readonly process: ChildProcess;
  /** Ends it and waits until it has ended. */
  end(signal?: NodeJS.Signals): Promise<void>;
}

/** @param home holds its data, and is the home folder that it knows. */
export async function startServe(home: string, ...args: readonly string[]): Promise<ServeProcess> {
  const child = spawn(
    process.execPath,
    ["dist/headless.js", "serve", "--data", home, "--port", "0", ...args],
    {
      env: { ...process.env, HOME: home, SSH_AUTH_SOCK: "" },
      stdio: ["ignore", "pipe", "ignore"],
    },
  );
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
