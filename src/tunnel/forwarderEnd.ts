import { Emitter, type Event } from "../common/async/event.js";
import type { FailureDetail } from "../common/failure.js";
import type { Connection } from "../ssh/model/connection.js";

/** Ends a forwarder exactly once: with its connection, or before. */
export interface ForwarderEnd {
  readonly hasCome: boolean;
  readonly onDidClose: Event<FailureDetail | undefined>;
  /** Resolves when nothing is left. What comes first says why: a failure, or undefined where we want it. */
  come(failure: FailureDetail | undefined): Promise<void>;
}

/** @param cleanUp removes what the forwarder has on this machine. */
export function createForwarderEnd(connection: Connection, cleanUp: () => Promise<void>): ForwarderEnd {
  const closed = new Emitter<FailureDetail | undefined>();
  let ending: Promise<void> | undefined;
  const come = (failure: FailureDetail | undefined): Promise<void> => {
    ending ??= (async () => {
      connectionClosed.dispose();
      closed.fire(failure);
      await cleanUp();
    })();
    return ending;
  };
  const connectionClosed = connection.onDidClose(
    (reason) => void come(reason.kind === "lost" ? reason.failure : undefined),
  );
  return {
    get hasCome() {
      return ending !== undefined;
    },
    onDidClose: closed.event,
    come,
  };
}
