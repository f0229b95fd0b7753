import { execFileSync } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { makeEnvironment } from "./environments.js";
import projectProgram from "./projectRuns.py";

/** The last Runicorn that kept runs below `<project>/<name>/runs`. */
export const lastProjectLayout = "0.5.3";

/** Writes two runs in the layout up to Runicorn 0.5, with that version in an environment made for it below `home`. */
export async function projectRuns(root: string, home: string): Promise<void> {
  const environment = join(home, "venvs", "old");
  await makeEnvironment(environment, lastProjectLayout);
  await mkdir(root, { recursive: true });
  execFileSync(join(environment, "bin", "python"), ["-c", projectProgram, root], {
    cwd: root,
    env: { PATH: process.env["PATH"], HOME: home, LANG: "C.UTF-8" },
    stdio: ["ignore", "ignore", "inherit"],
  });
}
