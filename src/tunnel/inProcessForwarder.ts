import type { Duplex } from "node:stream";
import { Emitter } from "../common/async/event.js";
import type { FailureDetail } from "../common/failure.js";
import type { Connection } from "../ssh/model/connection.js";
import type { Forwarder } from "./forwarder.js";

/**
 * Forwards over the shared SSH connection, inside this process.
 * @param connect opens one stream on it.
 * @param successor opens what is to carry in its place.
 */
export function openInProcessForwarder(
  connection: Connection,
  connect: () => Promise<Duplex>,
  successor?: Forwarder["successor"],
): Forwarder {
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
    connect,
    isEndReal: () => Promise.resolve(!isClosed && connection.state === "open"),
    onDidClose: closed.event,
    successor,
    close: () => Promise.resolve(end(undefined)),
  };
}
