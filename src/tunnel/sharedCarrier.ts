import { Emitter } from "../common/event.js";
import type { FailureDetail } from "../common/failure.js";
import type { Connection, LocalSocket } from "../ssh/connection.js";
import type { Carrier } from "./carrier.js";
import { connectLocal } from "./opensshCarrier.js";

/** Carries in the ssh that holds the connection itself: nobody logs in, or touches a security key, a second time. */
export function openSharedCarrier(connection: Connection, socket: LocalSocket): Carrier {
  const closed = new Emitter<FailureDetail | undefined>();
  let ending: Promise<void> | undefined;
  const end = (failure: FailureDetail | undefined): Promise<void> => {
    ending ??= (async () => {
      connectionClosed.dispose();
      closed.fire(failure);
      await socket.close();
    })();
    return ending;
  };
  const connectionClosed = connection.onDidClose(
    (reason) => void end(reason.kind === "lost" ? reason.failure : undefined),
  );
  return {
    backend: "openssh",
    get isOpen() {
      return !ending && connection.state === "open";
    },
    connect: () => connectLocal(socket.path),
    isEndReal: () => socket.isAlive(),
    onDidClose: closed.event,
    close: () => end(undefined),
  };
}
