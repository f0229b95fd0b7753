// Packs the extension: npm run package [-- --out FILE]. The README is packed as VS Code's page of details can show it.
import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { forDetailsPage } from "./detailsPage.mjs";

const project = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const folder = join(project, ".cache", "package");
const manifest = JSON.parse(readFileSync(join(project, "package.json"), "utf8"));
const { values } = parseArgs({ options: { out: { type: "string" } } });
const out = resolve(values.out ?? join(project, `${manifest.name}-${manifest.version}.vsix`));
const shell = process.platform === "win32";
const run = (cwd, output, program, ...args) =>
  execFileSync(program, args, { cwd, shell, encoding: "utf8", stdio: ["ignore", output, "inherit"] });

run(project, "inherit", "npm", "run", "--silent", "build", "--", "--production");
const files = run(project, "pipe", "npx", "vsce", "ls", "--no-dependencies").trim().split("\n");
rmSync(folder, { recursive: true, force: true });
for (const file of files) cpSync(join(project, file), join(folder, file));
const readme = readFileSync(join(project, "README.md"), "utf8");
writeFileSync(join(folder, "README.md"), forDetailsPage(readme));
writeFileSync(join(folder, "OVERVIEW.md"), readme);
// What is built is built.
delete manifest.scripts["vscode:prepublish"];
writeFileSync(join(folder, "package.json"), JSON.stringify(manifest, undefined, 2));
const options = ["--no-dependencies", "--allow-missing-repository", "--no-rewrite-relative-links"];
const vsce = join(project, "node_modules", "@vscode", "vsce", "vsce");
run(folder, "inherit", process.execPath, vsce, "package", ...options, "--out", out);
