import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { runNpm } from "../dependencies.mjs";
import * as shims from "./shims.js";
import type { CodeServerVersion } from "./versions.js";

/** A VS Code server that is ready to run. */
export interface CodeServer {
  readonly node: string;
  readonly entry: string;
}

const cache = process.env["VSCODE_TEST_CACHE"] ?? resolve(".cache", "vscode");

/** What the server, the extension host, the file watcher, the terminal and the window load when they run. */
const neededModules = [
  /^@microsoft\/1ds-/,
  /^@parcel\/watcher$/,
  /^@vscode\/(iconv-lite-umd|proxy-agent|ripgrep.*|spdlog|native-watchdog|tree-sitter-wasm)$/,
  /^@xterm\//,
  /^(cookie|https?-proxy-agent|jschardet|katex|minimist|node-pty|tas-client|tas-client-umd|vscode-oniguruma)$/,
  /^(vscode-regexpp|vscode-textmate|ws|yauzl|yazl|native-watchdog|undici|graceful-fs|xterm.*)$/,
];

/** Themes and grammars; the rest is large, and no test needs it. */
const neededExtensions = ["theme-defaults", "theme-seti", "json", "log", "markdown-basics", "python"];

const recipe = createHash("sha256")
  .update(JSON.stringify([neededModules.map(String), neededExtensions, Object.entries(shims).sort()]))
  .digest("hex")
  .slice(0, 12);

/**
 * Installs code-server from the npm registry alone: no compiler, nothing from anywhere else. Kept in a cache folder;
 * built beside it and renamed, so that a run cut short leaves no half of it.
 */
export async function installCodeServer(version: CodeServerVersion): Promise<CodeServer> {
  const folder = join(cache, `${version.codeServer}-${recipe}`);
  if (!existsSync(folder)) {
    console.log(`Installing VS Code ${version.vscode} (code-server ${version.codeServer})…`);
    await mkdir(cache, { recursive: true });
    const unfinished = await mkdtemp(join(cache, ".unfinished-"));
    try {
      await build(unfinished, version);
      await rename(unfinished, folder);
    } catch (error) {
      await rm(unfinished, { recursive: true, force: true });
      if (!existsSync(folder)) throw error;
    }
  }
  return locate(folder);
}

function locate(folder: string): CodeServer {
  const own = join(folder, "node_modules", `node-linux-${process.arch}`, "bin", "node");
  return {
    node: existsSync(own) ? own : process.execPath,
    entry: join(folder, "node_modules", "code-server", "out", "node", "entry.js"),
  };
}

async function build(folder: string, { codeServer, node }: CodeServerVersion): Promise<void> {
  const isOurNode = process.versions.node.split(".")[0] === node;
  const dependencies = {
    "code-server": codeServer,
    ...(isOurNode ? {} : { [`node-linux-${process.arch}`]: node }),
  };
  await writeJson(join(folder, "package.json"), { private: true, dependencies });
  npmInstall(folder, ["--no-package-lock"]);
  const vscode = join(folder, "node_modules", "code-server", "lib", "vscode");
  await keepNeededModules(vscode);
  npmInstall(vscode, ["--legacy-peer-deps"]);
  await putShims(folder, vscode);
  for (const extension of await readdir(join(vscode, "extensions"))) {
    if (neededExtensions.includes(extension)) continue;
    await rm(join(vscode, "extensions", extension), { recursive: true });
  }
}

/** npm-shrinkwrap.json stays, so that what is kept has its pinned version; what it takes from git comes from npm. */
async function keepNeededModules(vscode: string): Promise<void> {
  const manifestFile = join(vscode, "package.json");
  const manifest = await readJson(manifestFile);
  const dependencies = Object.entries(manifest["dependencies"] as Record<string, string>);
  const kept = dependencies.filter(([name]) => neededModules.some((pattern) => pattern.test(name)));
  for (const field of ["overrides", "devDependencies", "optionalDependencies"]) delete manifest[field];
  await writeJson(manifestFile, { ...manifest, dependencies: Object.fromEntries(kept) });
  const lockFile = join(vscode, "npm-shrinkwrap.json");
  if (!existsSync(lockFile)) return;
  const lock = await readJson(lockFile);
  const packages = Object.entries(lock["packages"] as Record<string, { resolved?: string }>);
  const fromNpm = packages.filter(
    ([, { resolved }]) => resolved === undefined || resolved.includes("registry.npmjs.org"),
  );
  await writeJson(lockFile, { ...lock, packages: Object.fromEntries(fromNpm) });
}

async function putShims(folder: string, vscode: string): Promise<void> {
  const modules = join(vscode, "node_modules");
  await put(join(modules, "@vscode", "spdlog"), shims.spdlog);
  for (const name of ["@vscode/native-watchdog", "native-watchdog"]) {
    if (existsSync(join(modules, name))) await put(join(modules, name), shims.watchdog);
  }
  await put(join(modules, "@vscode", "deviceid"), shims.deviceId);
  const argon2 = join(folder, "node_modules", "argon2");
  if (!loads(argon2)) await put(argon2, shims.argon2);
  const ripgrep = join(modules, "@vscode", "ripgrep");
  if (existsSync(ripgrep)) {
    await mkdir(join(ripgrep, "bin"), { recursive: true });
    await writeFile(join(ripgrep, "bin", "rg"), shims.ripgrep);
    await chmod(join(ripgrep, "bin", "rg"), 0o755);
  }
}

/** Makes `code` the whole of a module. */
async function put(folder: string, code: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeJson(join(folder, "package.json"), { name: "shim", version: "0.0.0", main: "shim.js" });
  await writeFile(join(folder, "shim.js"), code);
}

function loads(module: string): boolean {
  return spawnSync(process.execPath, ["-e", `require(${JSON.stringify(module)})`]).status === 0;
}

/** npm as a person would run it, without the settings of the npm that may run us, but with what says how to reach the registry. */
function npmInstall(folder: string, options: readonly string[]): void {
  const isForeign = (name: string): boolean =>
    /^(npm_|INIT_CWD$|NODE_OPTIONS$)/i.test(name) &&
    !/^npm_config_(registry|cache|cafile|.*proxy|userconfig|globalconfig|fetch_.*)$/i.test(name);
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !isForeign(name)));
  const flags = ["--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund"];
  const { status, stderr } = runNpm(["install", ...flags, ...options], { cwd: folder, env });
  if (status === 0) return;
  const said = String(stderr).trim().split("\n").slice(-5).join("\n");
  throw new Error(`npm could not install VS Code: ${said}`);
}

async function readJson(file: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(file, "utf8")) as Record<string, unknown>;
}

async function writeJson(file: string, value: unknown): Promise<void> {
  await writeFile(file, JSON.stringify(value, undefined, 2));
}

/** The version of the extension in this folder, as VS Code's own folder names have it. */
export function extensionFolderName(extensionFolder: string): string {
  const manifest = JSON.parse(readFileSync(join(extensionFolder, "package.json"), "utf8")) as Record<
    string,
    string
  >;
  return `${manifest["publisher"]}.${manifest["name"]}-${manifest["version"]}`.toLowerCase();
}
