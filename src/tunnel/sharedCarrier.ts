import type { Connection, LocalSocket } from "../ssh/connection.js";
import type { Carrier } from "./carrier.js";
import { createCarrierEnd } from "./carrierEnd.js";
import { connectLocal } from "./opensshCarrier.js";

/** Carries in the ssh that holds the connection itself: nobody logs in, or touches a security key, a second time. */
export function openSharedCarrier(connection: Connection, socket: LocalSocket): Carrier {
  const end = createCarrierEnd(connection, () => socket.close());
  return {
    backend: "openssh",
    get isOpen() {
      return !end.hasCome && connection.state === "open";
    },
    connect: () => connectLocal(socket.path),
    isEndReal: () => socket.isAlive(),
    onDidClose: end.onDidClose,
    close: () => end.come(undefined),
  };
}
