import type { Duplex } from "node:stream";
import type { Logger } from "../../common/logger.js";
import type { HostConfig } from "../../ssh/config/hostConfig.js";
import type { KnownHosts } from "../../ssh/hostKeys/knownHosts.js";
import { openConnection } from "../../ssh/inProcess/openConnection.js";
import { createConnection } from "../../ssh/inProcess/sshConnection.js";
import type { Connection, Endpoint } from "../../ssh/model/connection.js";
import type { Credentials } from "../../ssh/model/connectRequest.js";
import type { Interaction } from "../../ssh/model/interaction.js";
import type { Target } from "../../ssh/model/target.js";

/** A connection to open to a job, as it is called from then on. */
export interface InsideRequest {
  readonly target: Target;
  readonly endpoint: Endpoint;
  /** By which its host key is known. Default: the endpoint. */
  readonly knownAs?: { readonly host: string; readonly port: number } | undefined;
  readonly dial: (signal: AbortSignal) => Promise<Duplex>;
  readonly config: HostConfig;
  readonly credentials: Credentials;
  readonly knownHosts: KnownHosts;
  readonly interaction: Interaction;
  readonly signal: AbortSignal | undefined;
  readonly logger: Logger;
}

/**
 * Logs in over a stream that leads into a job. Nothing is handed on to the system's ssh: a second way might be another job.
 * @throws Failure with an `SshFailure`, or Cancelled.
 */
export async function openInside(request: InsideRequest): Promise<Connection> {
  const { target, endpoint, knownAs, signal } = request;
  const subject = { user: endpoint.user, host: target.host, port: endpoint.port };
  const opened = await openConnection({
    ...request,
    endpoint: { ...endpoint, ...knownAs },
    subject,
    options: signal ? { signal } : {},
    hasNoCertificate: false,
    beforeAsking: "go-on",
  });
  return createConnection(opened, {
    ...{ target, endpoint, onTheWayTo: undefined },
    openssh: { kind: "impossible", reason: "it is inside a job" },
  });
}
