import { createSharedWork } from "../../common/async/sharedWork.js";
import { chooseEnvironment, findEnvironment, isPath } from "../../environments/chooseEnvironment.js";
import type { HostEnvironments, PythonEnvironment } from "../../environments/environment.js";
import type { Environments } from "../../environments/environments.js";
import { isEnvironmentFailure } from "../../environments/failures.js";
import type { Connection } from "../../ssh/model/connection.js";
import type { OnHost } from "./gate.js";

/** Maximum age of cached environments, in milliseconds. */
export const maxAges = {
  /** The client asks for the current list. */
  anew: 0,
  /** The client continues with the list that it just got: no second probe. */
  justShown: 3_000,
  /** The client has another request to refresh. */
  any: Number.POSITIVE_INFINITY,
} as const;

/** An environment, and all environments of its host. */
export interface Chosen {
  readonly environment: PythonEnvironment;
  readonly host: HostEnvironments;
}

/** Environments of hosts, cached. Concurrent requests share one probe. */
export interface HostEnvironmentsService {
  /** @throws Failure with an `EnvironmentFailure`, `SshFailure` or `too-much-waiting`, or Cancelled. */
  list(connection: Connection, maxAge: number, signal: AbortSignal): Promise<HostEnvironments>;
  /**
   * Finds an environment by name; without a name, the first that has Runicorn. Probes the host again once if there is none.
   * @param wanted if `paths` is set, also the path of an interpreter that is not in the list.
   * @throws Failure `environment-not-found`, `no-environment-with-runicorn`, or as {@link HostEnvironmentsService.list}.
   */
  choose(
    connection: Connection,
    wanted: string | undefined,
    options: { readonly maxAge: number; readonly paths: boolean },
    signal: AbortSignal,
  ): Promise<Chosen>;
}

export function createHostEnvironments(environments: Environments, onHost: OnHost): HostEnvironmentsService {
  const looks = createSharedWork<HostEnvironments>();

  const list: HostEnvironmentsService["list"] = async (connection, maxAge, signal) =>
    environments.known(connection, maxAge) ??
    looks.join(
      connection.id,
      (given) =>
        onHost(connection, given, () => environments.list(connection, { refresh: true, signal: given })),
      signal,
    );

  return {
    list,
    choose: async (connection, wanted, { maxAge, paths }, signal) => {
      const pick = async (host: HostEnvironments): Promise<Chosen> => {
        const environment =
          paths && wanted !== undefined && isPath(wanted)
            ? await onHost(connection, signal, () =>
                findEnvironment(environments, connection, host, wanted, signal),
              )
            : chooseEnvironment(host, wanted, connection.target.host);
        return { environment, host };
      };
      const askedAt = Date.now();
      const host = await list(connection, maxAge, signal);
      try {
        return await pick(host);
      } catch (error) {
        const isMissing = isEnvironmentFailure(
          error,
          "environment-not-found",
          "no-environment-with-runicorn",
        );
        if (!isMissing || host.probedAt >= askedAt) throw error;
        // It may have been created, or Runicorn installed, since the last probe.
        return pick(await list(connection, maxAges.anew, signal));
      }
    },
  };
}
