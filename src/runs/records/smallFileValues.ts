import type { RunCode } from "../runDetails.js";
import { FlatValues, isObject, textOf, type ValueLimits } from "./values.js";

/*
 * What is in which of a run's small files. Since Runicorn 0.6 `log_config` writes parameters to assets.json, as `args`
 * and `extra`; `init` writes the machine to meta.json and, on request, the environment to environment.json.
 */

type JsonObject = Readonly<Record<string, unknown>> | undefined;

/** The parameters by name; `args` takes precedence. */
export function parametersOf(assets: JsonObject, limits: ValueLimits): FlatValues {
  const flat = new FlatValues(limits);
  const config = assets?.["config"];
  if (!isObject(config)) return flat;
  flat.addAll(config["args"]);
  flat.addAll(config["extra"]);
  for (const name in config) if (name !== "args" && name !== "extra") flat.add(name, config[name]);
  return flat;
}

export function summaryOf(summary: JsonObject, limits: ValueLimits): FlatValues {
  const flat = new FlatValues(limits);
  flat.addAll(summary);
  return flat;
}

/** Fields of meta.json about the machine. */
const inMeta = ["python", "platform", "hostname", "workspace_root"] as const;
/** Fields that `codeOf` returns instead. */
const ofCode = new Set(["commit", "branch", "has_changes", "remote"]);
const packageLists = ["pip_packages", "conda_packages"] as const;

/** The environment, packages last: `packages.torch`. */
export function environmentOf(meta: JsonObject, environment: JsonObject, limits: ValueLimits): FlatValues {
  const flat = new FlatValues(limits);
  for (const name of inMeta) flat.add(name, meta?.[name]);
  const { git_info: git, ...others } = environment ?? {};
  for (const name in others) if (!isPackageList(name)) flat.add(name, others[name]);
  if (isObject(git)) for (const name in git) if (!ofCode.has(name)) flat.add(`git_info.${name}`, git[name]);
  for (const name of packageLists) {
    const list: readonly unknown[] = Array.isArray(environment?.[name])
      ? (environment[name] as unknown[])
      : [];
    for (const one of list) {
      const [, package_, version] =
        /^([A-Za-z0-9][^\s=@]*)(?:==?|\s+@\s+|\s+)(\S.*)$/.exec(textOf(one)?.slice(0, 500) ?? "") ?? [];
      if (package_ !== undefined) flat.add(`packages.${package_}`, version);
    }
  }
  return flat;
}

function isPackageList(name: string): boolean {
  return (packageLists as readonly string[]).includes(name);
}

/** @param snapshot path of the archive of the source files, if any. */
export function codeOf(environment: JsonObject, snapshot: string | undefined): RunCode | undefined {
  const git = isObject(environment?.["git_info"]) ? environment["git_info"] : {};
  const dirty = git["has_changes"];
  const code = {
    commit: textOf(git["commit"]),
    branch: textOf(git["branch"]),
    isDirty: typeof dirty === "boolean" ? dirty : undefined,
    remote: textOf(git["remote"]),
    snapshot,
  };
  return Object.values(code).some((value) => value !== undefined) ? code : undefined;
}

/** Runicorn has no field for notes yet: tries names that later versions, or people, may use. */
export function noteOf(meta: JsonObject): string | undefined {
  return textOf(meta?.["note"]) ?? textOf(meta?.["notes"]) ?? textOf(meta?.["description"]);
}

export function commandOf(meta: JsonObject, environment: JsonObject): string | undefined {
  for (const file of [environment, meta]) {
    for (const name of ["command", "command_line", "argv"]) {
      const value = file?.[name];
      if (textOf(value) !== undefined) return textOf(value);
      if (Array.isArray(value) && value.length > 0) {
        return value.filter((part) => typeof part === "string").join(" ");
      }
    }
  }
  return undefined;
}
