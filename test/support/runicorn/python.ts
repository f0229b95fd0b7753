import { execFileSync } from "node:child_process";
import { ensurePackages, findProgram, programsNamed } from "../packages.js";

/** The interpreter that every environment of the rig is made with. */
export interface BasePython {
  /** The real file, no link and no pyenv shim: shims look into the home of whoever calls them. */
  readonly executable: string;
  /** e.g. `3.11.7` */
  readonly version: string;
  /** e.g. `python3.11`: the name of its library folder. */
  readonly library: string;
  /** Where its standard library is. */
  readonly stdlib: string;
}

let known: BasePython | undefined;

/**
 * A Python that can make virtual environments with pip; installs Debian's where there is none.
 * @throws Error naming the packages when that is not possible here.
 */
export function basePython(): BasePython {
  known ??= programsNamed("python3").map(inspect).find(Boolean) ?? installedPython();
  return known;
}

function installedPython(): BasePython {
  // Debian ships venv and pip apart from Python.
  ensurePackages(["python3", "python3-venv"]);
  const python = inspect(findProgram("python3") ?? "/usr/bin/python3") ?? inspect("/usr/bin/python3");
  if (!python) throw new Error("python3 and python3-venv are installed, but cannot make an environment");
  return python;
}

const inspection = `
import ensurepip, json, os, sys, sysconfig, venv
print(json.dumps({
    "executable": os.path.realpath(sys.executable),
    "version": "%d.%d.%d" % sys.version_info[:3],
    "library": "python%d.%d" % sys.version_info[:2],
    "stdlib": sysconfig.get_path("stdlib"),
}))`;

function inspect(python: string): BasePython | undefined {
  try {
    return JSON.parse(
      execFileSync(python, ["-I", "-c", inspection], { stdio: "pipe" }).toString(),
    ) as BasePython;
  } catch {
    return undefined;
  }
}
