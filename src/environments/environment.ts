import { trimEndOf } from "../common/text/trimCharacter.js";

export type EnvironmentKind =
  "conda" | "venv" | "virtualenv" | "uv" | "pixi" | "poetry" | "pipenv" | "pyenv" | "system" | "custom";

/** A Python environment on a host. Paths and names keep undecodable bytes (see common/bytes). */
export interface PythonEnvironment {
  /** Absolute path of the interpreter: what identifies the environment on its host. */
  readonly python: string;
  /** e.g. `base`, `train`, `my-project/.venv`, `python3.11`. Unique within one list. */
  readonly name: string;
  readonly kind: EnvironmentKind;
  /** sys.prefix of the environment: its folder. */
  readonly prefix: string;
  /** e.g. `3.11.9`; undefined where it could not be read. */
  readonly pythonVersion: string | undefined;
  /** e.g. `0.7.2`; undefined where Runicorn is not installed. */
  readonly runicornVersion: string | undefined;
  /** Why this environment cannot be used, in the words of the host. It is listed all the same. */
  readonly problem: string | undefined;
  /** Another account put it where it was found: nothing of it was run, and only a person chooses it. */
  readonly isOthers?: boolean | undefined;
}

/** Whether its viewer cannot show the runs of today's Runicorn: before 0.6 they were kept in another layout. */
export function isTooOld({ runicornVersion }: PythonEnvironment): boolean {
  return runicornVersion !== undefined && /^0\.[0-5](\D|$)/.test(runicornVersion);
}

/** Whether Runicorn cannot be installed in it: what shows the runs of today needs Python 3.10. */
export function hasOldPython({ pythonVersion = "" }: Pick<PythonEnvironment, "pythonVersion">): boolean {
  return /^([012]\.|3\.\d(\D|$))/.test(pythonVersion);
}

/**
 * Whether its Python does not start because a library or a module of its own is not found: on hosts with environment modules
 * that is what a line such as `module load` is for.
 */
export function lacksLibrary({ problem = "" }: Pick<PythonEnvironment, "problem">): boolean {
  return /shared librar|shared object file|Library not loaded|ImportError|No module named|platform (in)?dependent librar/i.test(
    problem,
  );
}

/** What one probe of a host found. */
export interface HostEnvironments {
  /** Usable ones with Runicorn first, then without, broken ones last; each group by kind and name. */
  readonly environments: readonly PythonEnvironment[];
  /** The remote home folder. */
  readonly home: string;
  /** Runicorn's configured storage root on this host, from its own configuration; undefined where none is set. */
  readonly storageRoot: string | undefined;
  /** Where that root comes from: the environment variable RUNICORN_DIR, Runicorn's user configuration, or none. */
  readonly storageRootSource: "environment-variable" | "user-configuration" | "none";
  /** False when a limit (time, folders) cut the search short. */
  readonly complete: boolean;
  /** Milliseconds since the epoch, local clock. */
  readonly probedAt: number;
}

/** Where Runicorn keeps its runs on a host that configures nothing: in the home folder. */
const usualRootName = "runicorn_data";

/** The storage root of a host: the configured one, else Runicorn's own default, which may not exist yet. */
export function storageRootOf({ storageRoot, home }: HostEnvironments): string {
  return storageRoot ?? `${home}/${usualRootName}`;
}

/**
 * Whether this is Runicorn's own default root on a host that configures none: the only root that is made when it is
 * missing, as Runicorn itself does.
 */
export function isUsualRoot(root: string, { storageRootSource, home }: HostEnvironments): boolean {
  const path = trimEndOf(
    root.replace(/^~(?=\/)/, () => home),
    "/",
  );
  return storageRootSource === "none" && path === `${home}/${usualRootName}`;
}
