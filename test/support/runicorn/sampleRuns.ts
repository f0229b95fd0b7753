import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import sampleProgram from "./sampleRuns.py";

/**
 * Writes sample experiments into the storage root with the environment's own Runicorn: three projects, six runs, one of
 * which failed.
 * @param environment folder of an environment with Runicorn.
 * @param steps how many values each metric has.
 */
export async function sampleRuns(root: string, environment: string, home: string, steps = 40): Promise<void> {
  await mkdir(root, { recursive: true });
  await promisify(execFile)(join(environment, "bin", "python"), ["-c", sampleProgram, root, String(steps)], {
    cwd: root,
    // Runicorn keeps a configuration folder in the home: never that of whoever runs this.
    env: { PATH: process.env["PATH"], HOME: home, LANG: "C.UTF-8" },
  });
}
