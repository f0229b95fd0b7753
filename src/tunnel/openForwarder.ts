import type { Duplex } from "node:stream";
import { Failure, throwIfCancelled } from "../common/failure.js";
import type { Logger } from "../common/logger.js";
import type { Connection } from "../ssh/model/connection.js";
import type { RemoteAddress } from "../ssh/model/remoteAddress.js";
import type { SshProgram } from "../ssh/config/sshProgram.js";
import { isSshFailure, type SshFailure } from "../ssh/model/failures.js";
import type { Forwarder, OpenForwarder } from "./forwarder.js";
import { openOpensshForwarder } from "./opensshForwarder.js";
import type { StreamRelays } from "./relay/streamRelay.js";
import type { HostAddress } from "./relay/streams.js";
import { openRelayForwarder } from "./relayForwarder.js";
import { openSharedForwarder } from "./sharedForwarder.js";
import { openInProcessForwarder } from "./inProcessForwarder.js";
import type { ForwardingBackend } from "./tunnel.js";
import { isTunnelFailure, type TunnelFailure } from "./failures.js";

export interface ForwarderOptions {
  readonly program: SshProgram;
  /** In the order in which they are tried. Asked each time. */
  readonly backends: () => readonly ForwardingBackend[];
  /** What leads to addresses of hosts that forward nothing. */
  readonly relays: StreamRelays;
  readonly logger: Logger;
}

type Request = Parameters<OpenForwarder>[1];

/**
 * Opens the first backend that works; if the server forbids forwarding, the relay. A host key that ssh does not trust
 * fails at once; if ssh cannot log in without asking, the next backend is tried.
 */
export function createOpenForwarder(options: ForwarderOptions): OpenForwarder {
  const { relays, logger } = options;
  return async (connection, request, signal) => {
    throwIfCancelled(signal);
    const refusal = await refusalOf(connection, request);
    const instead = refusal && (await openInstead(connection, request, relays, refusal));
    if (instead) {
      logger.info(`${connection.id} forwards nothing${refusal.reason && `: ${refusal.reason}`}`);
      return instead;
    }
    throwIfCancelled(signal);
    return openForwarding(connection, request, options, signal);
  };
}

async function openForwarding(
  connection: Connection,
  request: Request,
  options: ForwarderOptions,
  signal: AbortSignal | undefined,
): Promise<Forwarder> {
  const { remote, atOnce } = request;
  const wanted = options.backends();
  const inProcess = (successor?: Forwarder["successor"]): Forwarder =>
    openInProcessForwarder(connection, () => streamTo(connection, remote), successor);
  const isFree = !connection.listen && !needsListening(connection, remote);
  if (atOnce && isFree && wanted[0] === "openssh" && wanted.includes("in-process"))
    return inProcess(async (until) => {
      const found = await openOverSsh(connection, request, options, until);
      return typeof found === "string" ? undefined : found;
    });
  const reasons: string[] = [];
  for (const backend of wanted) {
    throwIfCancelled(signal);
    const isShared = backend === "openssh" || needsListening(connection, remote);
    if (isShared && connection.listen)
      return openSharedForwarder(connection, await connection.listen(remote));
    if (backend === "in-process") return inProcess();
    const found = await openOverSsh(connection, request, options, signal);
    if (typeof found !== "string") return found;
    reasons.push(found);
  }
  throw new Failure<TunnelFailure>({
    code: "tunnel-not-possible",
    host: connection.target.host,
    reason: reasons.join("; "),
  });
}

/** @returns why an ssh of its own cannot carry, where it cannot. */
async function openOverSsh(
  connection: Connection,
  request: Request,
  { program, logger }: ForwarderOptions,
  signal: AbortSignal | undefined,
): Promise<Forwarder | string> {
  const start = await openOpensshForwarder(program, connection, request.remote, signal);
  if (start.kind === "forwarder" && (await isSameEnd(connection, request, start.forwarder)))
    return start.forwarder;
  if (start.kind === "forwarder") await start.forwarder.close();
  const reason = start.kind === "forwarder" ? "it leads to another machine of that name" : start.reason;
  logger.info(`no tunnel through ssh to ${connection.id}: ${reason}`);
  return reason;
}

/** The system's ssh opens no stream to a socket by itself. */
function needsListening({ forwardSocket }: Connection, remote: RemoteAddress): boolean {
  return "socket" in remote && !forwardSocket;
}

/** @throws Failure `channel-refused` */
async function streamTo(connection: Connection, remote: RemoteAddress): Promise<Duplex> {
  if (!("socket" in remote)) return connection.forward(remote.host, remote.port);
  if (connection.forwardSocket) return connection.forwardSocket(remote.socket);
  throw new Failure<SshFailure>({ code: "channel-refused", host: connection.target.host, reason: "" });
}

/** Whether the same one answers through this forwarder as through the connection itself, where anybody does there. */
async function isSameEnd(
  connection: Connection,
  { remote, identify }: Request,
  forwarder: Forwarder,
): Promise<boolean> {
  if (!identify) return true;
  const [wanted, found] = await Promise.all([
    identify(() => streamTo(connection, remote)),
    identify(() => forwarder.connect()),
  ]);
  return wanted === undefined || wanted === found;
}

/** Why the server opened no channel to an address. */
interface Refusal {
  /** In its words; empty where the system's ssh keeps them to itself. */
  readonly reason: string;
  /** Whether forwarding is forbidden, or nothing listens there; undefined if the message does not tell. */
  readonly forbids: boolean | undefined;
}

/** Detects early, not with the first request, that forwarding is forbidden. */
async function refusalOf(connection: Connection, request: Request): Promise<Refusal | undefined> {
  const { remote } = request;
  if (connection.listen && needsListening(connection, remote))
    return refusalOfMaster(connection, connection.listen, request);
  try {
    (await streamTo(connection, remote)).destroy();
    return undefined;
  } catch (error) {
    if (!isSshFailure(error, "channel-refused")) throw error;
    const { reason } = error.detail;
    // sshd says the same of a socket that is not there as of one that it does not forward to.
    const tells = reason !== "" && !("socket" in remote);
    return { reason, forbids: tells ? /prohibited|ADMINISTRATIVELY|^1$/i.test(reason) : undefined };
  }
}

/** The system's ssh tells of a socket by the end of the stream alone. */
async function refusalOfMaster(
  connection: Connection,
  listen: NonNullable<Connection["listen"]>,
  { remote, identify }: Request,
): Promise<Refusal | undefined> {
  if (!identify) return undefined;
  const forwarder = openSharedForwarder(connection, await listen(remote));
  try {
    const found = await identify(() => forwarder.connect());
    return found === undefined ? { reason: "", forbids: undefined } : undefined;
  } finally {
    await forwarder.close();
  }
}

/**
 * Opens the relay if the server forbids forwarding. If the message does not tell, the relay finds out: a target that it
 * can reach is there.
 * @returns undefined where it is the target that refuses: that is no fault yet.
 * @throws Failure `forwarding-refused`, or what else the relay failed by.
 */
async function openInstead(
  connection: Connection,
  { remote, interpreter }: Request,
  relays: StreamRelays,
  { reason, forbids }: Refusal,
): Promise<Forwarder | undefined> {
  if (forbids === false) return undefined;
  const address = onHost(remote);
  // The relay opens nothing but what is on the host itself.
  if (!address) {
    if (forbids === undefined) return undefined;
    throw new Failure<TunnelFailure>({ code: "forwarding-refused", host: connection.target.host, reason });
  }
  const relay = relays.of(connection, interpreter);
  const forwarder = await openRelayForwarder(connection, relay, address, reason);
  if (forbids) return forwarder;
  try {
    (await forwarder.connect()).destroy();
    return forwarder;
  } catch (error) {
    await forwarder.close();
    if (isTunnelFailure(error, "address-refused")) return undefined;
    throw error;
  }
}

/** An address as the host itself has it; undefined for one of another machine. */
function onHost(remote: RemoteAddress): HostAddress | undefined {
  if ("socket" in remote) return remote;
  const { host, port } = remote;
  return host === "127.0.0.1" || host === "localhost" ? { port } : undefined;
}
