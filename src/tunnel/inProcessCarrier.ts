import { Emitter } from "../common/event.js";
import type { FailureDetail } from "../common/failure.js";
import type { Connection } from "../ssh/connection.js";
import type { Carrier } from "./carrier.js";
import type { RemoteAddress } from "./tunnel.js";

/** Carries on the shared SSH connection, inside this process: each stream is a `direct-tcpip` channel. */
export function openInProcessCarrier(connection: Connection, remote: RemoteAddress): Carrier {
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
    isEndReal: () => Promise.resolve(!isClosed && connection.state === "open"),
    onDidClose: closed.event,
    close: () => Promise.resolve(end(undefined)),
  };
}
