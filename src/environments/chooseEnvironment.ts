import { Failure } from "../common/failure.js";
import type { Connection } from "../ssh/model/connection.js";
import type { HostEnvironments, PythonEnvironment } from "./environment.js";
import type { EnvironmentFailure } from "./failures.js";
import type { Environments } from "./environments.js";

/** The name that Runicorn's own clients use for the Python on the host's PATH. */
export const systemName = "system";

/**
 * Finds an environment by its name or interpreter. A path that is not in the list is probed.
 * @throws Failure `environment-not-found`, `no-environment-with-runicorn`, or what `environments.at` fails with.
 */
export async function findEnvironment(
  environments: Environments,
  connection: Connection,
  found: HostEnvironments,
  wanted: string | undefined,
  signal?: AbortSignal,
): Promise<PythonEnvironment> {
  if (
    wanted !== undefined &&
    isPath(wanted) &&
    !found.environments.some(({ name, python }) => name === wanted || python === wanted)
  ) {
    return environments.at(connection, wanted, signal);
  }
  return chooseEnvironment(found, wanted, connection.target.host);
}

/**
 * Finds an environment by its name or interpreter. Without one, takes the first usable one that is not another account's.
 * @throws Failure `environment-not-found` or `no-environment-with-runicorn`.
 */
export function chooseEnvironment(
  { environments }: HostEnvironments,
  wanted: string | undefined,
  host: string,
): PythonEnvironment {
  if (wanted === undefined) {
    const usable = environments.find(mayBeTaken);
    if (!usable) throw new Failure<EnvironmentFailure>({ code: "no-environment-with-runicorn", host });
    return usable;
  }
  const named =
    environments.find(({ name, python }) => name === wanted || python === wanted) ??
    (wanted === systemName ? environments.find(({ kind }) => kind === "system") : undefined);
  if (!named)
    throw new Failure<EnvironmentFailure>({ code: "environment-not-found", environment: wanted, host });
  return named;
}

/** Whether this is the path of an interpreter rather than the name of an environment. */
export function isPath(wanted: string): boolean {
  return /^~?\//.test(wanted);
}

/** Whether it may be chosen automatically: usable, and not another account's. */
export function mayBeTaken(environment: PythonEnvironment): boolean {
  return isUsable(environment) && !environment.isOthers;
}

/** Whether a viewer can be started in it. */
export function isUsable({ runicornVersion, problem }: PythonEnvironment): boolean {
  return runicornVersion !== undefined && problem === undefined;
}
