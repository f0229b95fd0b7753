import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { build } from "esbuild";

/** Builds a program of the tests, to be run as a process of its own. @param entry its TypeScript file. */
export async function bundleProgram(
  entry: string,
): Promise<{ readonly file: string; readonly remove: () => Promise<void> }> {
  const outfile = join(process.cwd(), "node_modules", `.${basename(entry, ".ts")}-${process.pid}.mjs`);
  await build({
    entryPoints: [entry],
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    packages: "external",
    loader: { ".sh": "text", ".py": "text" },
    outfile,
  });
  return { file: outfile, remove: () => rm(outfile, { force: true }) };
}
