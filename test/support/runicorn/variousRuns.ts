import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import program from "./variousRuns.py";

export type RunKind =
  | "live"
  | "killed"
  | "finished"
  | "failed"
  | "min-mode"
  | "deleted"
  | "moved"
  | "renamed"
  | "resumed"
  | "no-status"
  | "no-summary"
  | "no-meta";

/** Runs of every kind, of which one still trains. */
export interface VariousRuns {
  /** Absolute paths. */
  readonly folders: Readonly<Record<RunKind, string>>;
  /** Kills the process of the run `killed`, and waits until it is gone. */
  kill(): Promise<void>;
  end(): Promise<void>;
}

/** Makes them with the SDK of an environment's own Runicorn. */
export async function makeVariousRuns(root: string, environment: string, home: string): Promise<VariousRuns> {
  const child = spawn(join(environment, "bin", "python"), ["-c", program, root], {
    cwd: root,
    env: { PATH: process.env["PATH"], HOME: home, LANG: "C.UTF-8" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const line = (await lines.next()) as IteratorResult<string, undefined>;
    if (line.done) throw new Error("the program that makes the runs ended");
    return line.value;
  };
  const { folders } = JSON.parse(await next()) as Pick<VariousRuns, "folders">;
  return {
    folders,
    kill: async () => {
      child.stdin.write("kill\n");
      await next();
    },
    end: async () => {
      child.stdin.end();
      if (child.exitCode === null) await once(child, "exit");
    },
  };
}
