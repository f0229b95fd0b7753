import { Emitter } from "../common/event.js";
import { Failure, type FailureDetail, isFailure, throwIfCancelled } from "../common/failure.js";
import type { Connection } from "../ssh/connection.js";
import type { Carrier } from "./carrier.js";
import type { RemoteAddress, TunnelFailure } from "./tunnel.js";

/**
 * Carries on the shared SSH connection, inside this process: each stream is a `direct-tcpip` channel.
 * @throws Failure `forwarding-refused` when the server's policy forbids it, or an `SshFailure`.
 */
export async function openInProcessCarrier(
  connection: Connection,
  remote: RemoteAddress,
  signal?: AbortSignal,
): Promise<Carrier> {
  throwIfCancelled(signal);
  await probe(connection, remote);
  throwIfCancelled(signal);
  const closed = new Emitter<FailureDetail | undefined>();
  let isClosed = false;
  const end = (failure: FailureDetail | undefined): void => {
    if (isClosed) return;
    isClosed = true;
    connectionClosed.dispose();
    closed.fire(failure);
  };
  const connectionClosed = connection.onDidClose((reason) =>
    end(reason.kind === "lost" ? reason.failure : undefined),
  );
  return {
    backend: "in-process",
    get isOpen() {
      return !isClosed && connection.state === "open";
    },
    connect: () => connection.forward(remote.host, remote.port),
    onDidClose: closed.event,
    close: () => Promise.resolve(end(undefined)),
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
