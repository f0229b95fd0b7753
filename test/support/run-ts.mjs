// Runs a TypeScript program of the tests: node test/support/run-ts.mjs FILE [ARGUMENTS...]
import { mkdtempSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { projectFolder } from "./dependencies.mjs";

const [program, ...rest] = process.argv.slice(2);
const folder = mkdtempSync(join(projectFolder, "node_modules", ".run-ts-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const outfile = join(folder, "program.mjs");
await build({
  entryPoints: [resolve(program)],
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  packages: "external",
  loader: { ".sh": "text", ".py": "text" },
  logLevel: "warning",
  outfile,
});
process.argv = [process.argv[0], resolve(program), ...rest];
await import(pathToFileURL(outfile).href);
