import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { runNpm } from "../dependencies.mjs";
import { installOnce, pip, testCache } from "../runicorn/install.js";
import { basePython } from "../runicorn/python.js";

/** What strangers work on our API with: each of one version, kept in the cache of the tests and no part of ours. */
const python = { "openapi-python-client": "0.29.1", schemathesis: "4.32.5" } as const;

/** The generator needs a TypeScript of its own: ours is newer than it takes. */
const node = { "openapi-typescript": "7.13.0", "openapi-fetch": "0.17.0", typescript: "5.9.3" } as const;

/** A Python program, installed by pip once. @returns its virtual environment; its programs run with `python -m`. */
export async function ensurePythonTool(name: keyof typeof python): Promise<string> {
  const { library, executable } = basePython();
  const folder = join(testCache, `${name}-${python[name]}-${library}`);
  if (existsSync(folder)) return folder;
  console.log(`Installing ${name} ${python[name]}…`);
  await installOnce(folder, (unfinished) => {
    execFileSync(executable, ["-m", "venv", unfinished], { stdio: "inherit" });
    pip(unfinished, ["install", `${name}==${python[name]}`]);
  });
  return folder;
}

/** The packages for a client in TypeScript, installed by npm once. @returns a folder with `node_modules`. */
export async function ensureNodeTools(): Promise<string> {
  const wanted = Object.entries(node).map(([name, version]) => `${name}@${version}`);
  const folder = join(testCache, wanted.join("-"));
  if (existsSync(folder)) return folder;
  console.log(`Installing ${wanted.join(", ")}…`);
  await installOnce(folder, (unfinished) => {
    const quiet = ["--no-audit", "--no-fund", "--ignore-scripts"];
    // Named: it would take the nearest folder above that has a package.json, which is ours.
    const here = ["--prefix", unfinished, "--no-save"];
    const { status } = runNpm(["install", ...here, ...quiet, ...wanted], {
      cwd: unfinished,
      stdio: "inherit",
    });
    if (status !== 0) throw new Error(`npm could not install ${wanted.join(", ")}`);
  });
  return folder;
}
