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

/** How to open a connection into a job. */
export interface InsideRequest {
  readonly target: Target;
  readonly endpoint: Endpoint;
  /** Where its host key is in known_hosts. Default: the endpoint. */
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
 * Logs in over a stream into a job. Never hands over to the system's ssh, which might reach another job.
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
