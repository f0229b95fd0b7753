import { execFileSync } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import program from "./codeRuns.py";

/**
 * Makes the runs "one way" and "another way" of `vision/compare` with the environment's own Runicorn. They differ in the
 * parameter `lr` and in one line of `model/net.py`.
 */
export async function makeCodeRuns(root: string, environment: string, home: string): Promise<void> {
  const code = join(home, "code");
  await mkdir(code, { recursive: true });
  execFileSync(join(environment, "bin", "python"), ["-c", program, root, code], {
    cwd: code,
    env: { PATH: process.env["PATH"], HOME: home, LANG: "C.UTF-8" },
    stdio: ["ignore", "ignore", "inherit"],
  });
}
