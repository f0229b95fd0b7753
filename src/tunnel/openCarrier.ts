import { Failure, isFailure, throwIfCancelled } from "../common/failure.js";
import type { Logger } from "../common/logger.js";
import type { Connection } from "../ssh/connection.js";
import type { SshProgram } from "../ssh/sshProgram.js";
import type { OpenCarrier } from "./carrier.js";
import { openInProcessCarrier } from "./inProcessCarrier.js";
import { openOpensshCarrier } from "./opensshCarrier.js";
import { openSharedCarrier } from "./sharedCarrier.js";
import type { RemoteAddress, TunnelBackend, TunnelFailure } from "./tunnel.js";

export interface CarrierOptions {
  readonly program: SshProgram;
  /** In the order in which they are tried. Asked each time. */
  readonly backends: () => readonly TunnelBackend[];
  readonly logger: Logger;
}

/**
 * Opens the first backend that can carry. What forbids forwarding at all, or distrusts the host's key, is a failure at
 * once; where ssh cannot log in by itself, the next one is tried.
 */
export function createOpenCarrier({ program, backends, logger }: CarrierOptions): OpenCarrier {
  return async (connection, remote, signal) => {
    throwIfCancelled(signal);
    await probe(connection, remote);
    const reasons: string[] = [];
    for (const backend of backends()) {
      throwIfCancelled(signal);
      if (backend === "in-process") return openInProcessCarrier(connection, remote);
      if (connection.listen) {
        return openSharedCarrier(connection, await connection.listen(remote.host, remote.port));
      }
      const start = await openOpensshCarrier(program, connection, remote, signal);
      if (start.kind === "carrier") return start.carrier;
      logger.info(`no tunnel through ssh to ${connection.id}: ${start.reason}`);
      reasons.push(start.reason);
    }
    throw new Failure<TunnelFailure>({
      code: "tunnel-not-possible",
      host: connection.target.host,
      reason: reasons.join("; "),
    });
  };
}

/** Says at once that forwarding is forbidden, instead of with the first request. That the target refuses is no fault yet. */
async function probe(connection: Connection, remote: RemoteAddress): Promise<void> {
  try {
    (await connection.forward(remote.host, remote.port)).destroy();
  } catch (error) {
    if (!isFailure(error, "channel-refused")) throw error;
    const { reason } = error.detail as unknown as { reason: string };
    if (!/prohibited|ADMINISTRATIVELY|^1$/i.test(reason)) return;
    throw new Failure<TunnelFailure>({ code: "forwarding-refused", host: connection.target.host, reason });
  }
}
