import { trimEndOf } from "../common/text/trimCharacter.js";

export type EnvironmentKind =
  "conda" | "venv" | "virtualenv" | "uv" | "pixi" | "poetry" | "pipenv" | "pyenv" | "system" | "custom";

/** A Python environment on a host. Paths and names keep undecodable bytes (see common/bytes). */
export interface PythonEnvironment {
  /** Absolute path of the interpreter, which identifies the environment on its host. */
  readonly python: string;
  /** e.g. `base`, `train`, `my-project/.venv`, `python3.11`. Unique within one list. */
  readonly name: string;
  readonly kind: EnvironmentKind;
  /** sys.prefix of the environment: its folder. */
  readonly prefix: string;
  /** e.g. `3.11.9`; undefined if it could not be read. */
  readonly pythonVersion: string | undefined;
  /** e.g. `0.7.2`; undefined if Runicorn is not installed. */
  readonly runicornVersion: string | undefined;
  /** Why this environment cannot be used, in the host's words. It is still listed. */
  readonly problem: string | undefined;
  /** Another account owns it: the probe ran nothing from it, and it is never chosen automatically. */
  readonly isOthers?: boolean | undefined;
}

/** Whether its viewer is too old for the storage layout of Runicorn 0.6 and later. */
export function isTooOld({ runicornVersion }: PythonEnvironment): boolean {
  return runicornVersion !== undefined && /^0\.[0-5](\D|$)/.test(runicornVersion);
}

/** Whether its Python is too old for a current Runicorn, which needs 3.10. */
export function hasOldPython({ pythonVersion = "" }: Pick<PythonEnvironment, "pythonVersion">): boolean {
  return /^([012]\.|3\.\d(\D|$))/.test(pythonVersion);
}

/**
 * Whether its Python does not start because a shared library or standard module is missing. On hosts with environment
 * modules, a line such as `module load` helps.
 */
export function lacksLibrary({ problem = "" }: Pick<PythonEnvironment, "problem">): boolean {
  return /shared librar|shared object file|Library not loaded|ImportError|No module named|platform (in)?dependent librar/i.test(
    problem,
  );
}

/** The result of one probe. */
export interface HostEnvironments {
  /** Usable ones with Runicorn first, then without, broken ones last; each group by kind and name. */
  readonly environments: readonly PythonEnvironment[];
  /** The remote home folder. */
  readonly home: string;
  /** The storage root that is configured on this host; undefined if none is. */
  readonly storageRoot: string | undefined;
  /** Where that root is configured: RUNICORN_DIR, Runicorn's user configuration, or nowhere. */
  readonly storageRootSource: "environment-variable" | "user-configuration" | "none";
  /** False when a limit (time, folders) cut the search short. */
  readonly complete: boolean;
  /** Milliseconds since the epoch, local clock. */
  readonly probedAt: number;
}

/** Runicorn's default storage root, in the home folder. */
const usualRootName = "runicorn_data";

/** The storage root of a host: the configured one, else Runicorn's own default, which may not exist yet. */
export function storageRootOf({ storageRoot, home }: HostEnvironments): string {
  return storageRoot ?? `${home}/${usualRootName}`;
}

/**
 * Whether this is Runicorn's default root, and none is configured. It is the only root that is created when it is
 * missing, as Runicorn itself does.
 */
export function isUsualRoot(root: string, { storageRootSource, home }: HostEnvironments): boolean {
  const path = trimEndOf(
    root.replace(/^~(?=\/)/, () => home),
    "/",
  );
  return storageRootSource === "none" && path === `${home}/${usualRootName}`;
}
