import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import sweepProgram from "./sweepRuns.py";

/** Writes runs for charts into the storage root with the environment's own Runicorn: see `sweepRuns.py`. */
export async function sweepRuns(root: string, environment: string, home: string): Promise<void> {
  await promisify(execFile)(join(environment, "bin", "python"), ["-c", sweepProgram, root], {
    cwd: root,
    env: { PATH: process.env["PATH"], HOME: home, LANG: "C.UTF-8" },
  });
}
