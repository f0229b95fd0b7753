import { Failure } from "../common/failure.js";
import type { Connection } from "../ssh/model/connection.js";
import type { HostEnvironments, PythonEnvironment } from "./environment.js";
import type { EnvironmentFailure } from "./failures.js";
import type { Environments } from "./environments.js";

/** What Runicorn's own clients call the Python that is on the PATH of the host. */
export const systemName = "system";

/**
 * The environment of that name or interpreter; a path that the list lacks is looked at by itself.
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
 * The environment of that name or interpreter. Without a name, the first that has Runicorn and runs, and is no other account's.
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

/** Whether this is meant as the path of an interpreter, and not as the name of an environment. */
export function isPath(wanted: string): boolean {
  return /^~?\//.test(wanted);
}

/** Whether a viewer can be started in it without anybody having named it. */
export function mayBeTaken(environment: PythonEnvironment): boolean {
  return isUsable(environment) && !environment.isOthers;
}

/** Whether a viewer can be started in it. */
export function isUsable({ runicornVersion, problem }: PythonEnvironment): boolean {
  return runicornVersion !== undefined && problem === undefined;
}
