import { Failure, type FailureDetail } from "../common/failure.js";
import type { Connection } from "../ssh/model/connection.js";
import { isSshFailure } from "../ssh/model/failures.js";
import type { Forwarder } from "./forwarder.js";
import { createForwarderEnd } from "./forwarderEnd.js";
import { isTunnelFailure, type TunnelFailure } from "./failures.js";
import type { StreamRelay } from "./relay/streamRelay.js";
import type { HostAddress } from "./relay/streams.js";

/**
 * Forwards through the relay, for a server that forbids forwarding. If the relay is killed on the host, its streams are
 * reset and the next one restarts it.
 * @param relay is released with the forwarder, or where there will be none.
 * @param refusal why the server does not forward.
 * @throws Failure `forwarding-refused` where the host cannot run a relay either, or what else it failed by.
 */
export async function openRelayForwarder(
  connection: Connection,
  relay: StreamRelay,
  address: HostAddress,
  refusal: string,
): Promise<Forwarder> {
  try {
    await relay.ready();
  } catch (error) {
    relay.release();
    throw withRefusal(error, connection.target.host, refusal);
  }
  const end = createForwarderEnd(connection, () => Promise.resolve(relay.release()));
  return {
    backend: "relay",
    get isOpen() {
      return !end.hasCome && connection.state === "open";
    },
    connect: () => relay.openStream(address),
    // A stream of it ends when the other side was heard to end: what is lost is cut.
    isEndReal: () => Promise.resolve(true),
    onDidClose: end.onDidClose,
    close: () => end.come(undefined),
  };
}

/** What no later try mends is told together with why it was needed. */
function withRefusal(error: unknown, host: string, reason: string): unknown {
  const isFinal =
    isTunnelFailure(error, "stream-relay-impossible") ||
    isSshFailure(error, "channel-refused", "script-did-not-run");
  if (!isFinal) return error;
  const instead: FailureDetail = error.detail;
  return new Failure<TunnelFailure>({ code: "forwarding-refused", host, reason, instead }, { cause: error });
}
