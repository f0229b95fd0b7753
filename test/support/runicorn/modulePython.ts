import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findProgram } from "../packages.js";
import { linkRunicorn } from "./environments.js";
import { basePython } from "./python.js";

/** An environment whose Python finds its library only after a line has run, as one of an environment module does. */
export interface ModulePython {
  /** Its interpreter. */
  readonly python: string;
  /** The folder of the library. */
  readonly library: string;
  /** The line that makes it start: a function of the login shell's start-up file. */
  readonly line: string;
}

const name = (): string => basePython().library;
const soname = "libmodulepython.so.1.0";

/** Why none can be made here; undefined where one can. */
export const noModulePython: string | undefined =
  findProgram("cc") && existsSync(`/usr/include/${name()}/Python.h`)
    ? undefined
    : `needs a C compiler, and the library and headers of ${name()} from Debian`;

/** Makes one in a home folder, with Runicorn of that version; its shell is bash. */
export async function makeModulePython(home: string, version: string): Promise<ModulePython> {
  const prefix = join(home, "opt", "python");
  const library = join(home, "opt", "hidden");
  const environment = join(home, "venvs", "module");
  const bin = join(environment, "bin");
  for (const folder of [join(prefix, "bin"), join(prefix, "lib"), library, bin])
    await mkdir(folder, { recursive: true });
  const program = join(prefix, "bin", name());
  compile(
    join(library, soname),
    "#include <Python.h>\nint run(int n, char **words) { return Py_BytesMain(n, words); }",
    ["-shared", "-fPIC", `-Wl,-soname,${soname}`, `-I/usr/include/${name()}`, `-l${name()}`],
  );
  compile(program, "int run(int, char **);\nint main(int n, char **words) { return run(n, words); }", [
    `-L${library}`,
    `-l:${soname}`,
  ]);
  await symlink(`/usr/lib/${name()}`, join(prefix, "lib", name()));
  await symlink(program, join(bin, "python"));
  await writeFile(
    join(environment, "pyvenv.cfg"),
    `home = ${join(prefix, "bin")}\ninclude-system-site-packages = false\nversion = ${basePython().version}\n`,
  );
  await linkRunicorn(join(environment, "lib", name(), "site-packages"), version);
  await writeFile(
    join(home, ".bash_profile"),
    `module() {\n  [ "$*" = "load python" ] || { echo "module: $2 is unknown" >&2; return 1; }\n  echo loading\n  export LD_LIBRARY_PATH=${library}\n}\n`,
  );
  return { python: join(bin, "python"), library, line: "module load python" };
}

function compile(target: string, source: string, options: readonly string[]): void {
  const words = ["-x", "c", "-", "-x", "none", ...options, "-o", target];
  execFileSync("cc", words, { input: source, stdio: ["pipe", "ignore", "pipe"] });
}
