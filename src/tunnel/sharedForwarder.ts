import type { Connection, LocalSocket } from "../ssh/model/connection.js";
import type { SshFailure } from "../ssh/model/failures.js";
import type { Forwarder } from "./forwarder.js";
import { createForwarderEnd } from "./forwarderEnd.js";
import { connectOrEnd } from "./opensshForwarder.js";

/** Forwards through the ssh that holds the connection itself: no second login, no second touch of a security key. */
export function openSharedForwarder(connection: Connection, socket: LocalSocket): Forwarder {
  const end = createForwarderEnd(connection, () => socket.close());
  const { host } = connection.target;
  const lost: SshFailure = { code: "connection-lost", host, port: connection.endpoint.port };
  return {
    backend: "openssh",
    get isOpen() {
      return !end.hasCome && connection.state === "open";
    },
    connect: () => connectOrEnd(socket.path, () => end.come(lost)),
    isEndReal: () => socket.isAlive(),
    onDidClose: end.onDidClose,
    close: () => end.come(undefined),
  };
}
