import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import trainingProgram from "./training.py";

/** A run that is being trained. */
export interface Training {
  /** How many values it has logged. */
  values(): Promise<number>;
  /** The run's folder on the host. */
  readonly folder: Promise<string>;
  /** Kills it, so that it can write nothing any more. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** Trains with the environment's own Runicorn, logging every 100 ms. */
export function train(root: string, environment: string, home: string, alias = "first light"): Training {
  const child = spawn(join(environment, "bin", "python"), ["-c", trainingProgram, root, alias], {
    cwd: root,
    env: { PATH: process.env["PATH"], HOME: home, LANG: "C.UTF-8" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const folder = once(child.stdout, "data").then(([said]) => String(said).trim());
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  };
  return {
    folder,
    kill: () => end("SIGKILL"),
    values: async () => {
      const events = await readFile(join(await folder, "events.jsonl"), "utf8").catch(() => "");
      return events.split("\n").length - 1;
    },
    stop: () => end("SIGTERM"),
  };
}

/** A run that logged a million values, as a long one does. */
export async function writeMillion(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, "meta.json"),
    JSON.stringify({ id: "abcdef", path: "large", alias: "a million" }),
  );
  await writeFile(join(folder, "status.json"), JSON.stringify({ status: "finished" }));
  const lines: string[] = [];
  for (let step = 1; step <= 1_000_000; step += 1) {
    const loss = Math.exp(-step / 300_000) + Math.sin(step * 12.9898) * 0.05;
    lines.push(
      `{"ts": ${step}, "type": "metrics", "data": {"loss": ${loss}, "global_step": ${step}, "time": ${step}}}\n`,
    );
  }
  await writeFile(join(folder, "events.jsonl"), lines.join(""));
}
