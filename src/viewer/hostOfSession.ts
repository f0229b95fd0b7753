import { pause } from "../common/async/pause.js";
import { Failure } from "../common/failure.js";
import type { Logger } from "../common/logger.js";
import type { LinesBefore } from "../environments/lines/lines.js";
import type { Connection } from "../ssh/model/connection.js";
import type { SshFailure } from "../ssh/model/failures.js";
import type { RemoteAddress } from "../ssh/model/remoteAddress.js";
import type { Target } from "../ssh/model/target.js";
import { isTunnelFailure } from "../tunnel/failures.js";
import type { Tunnel, Tunnels, TunnelWish } from "../tunnel/tunnel.js";
import { askStorage } from "./askHealth.js";
import { endOfPlace } from "./endOfPlace.js";
import type { ViewerFailure } from "./failures.js";
import { reconnectPolicy } from "./host/reconnectPolicy.js";
import type { Hosts } from "./hosts.js";
import { readViewerLog, stopViewer } from "./remote/hostSessions.js";
import { type LaunchRequest, launchViewer } from "./remote/launchViewer.js";
import type { StartRequest, ViewerAddress, ViewerSession } from "./session/session.js";
import type { ListensOn, SessionHost } from "./session/sessionHost.js";

export interface HostOfSessionOptions {
  readonly hosts: Hosts;
  readonly tunnels: Tunnels;
  /** Seconds that a viewer lives on without a client. */
  readonly graceSeconds: () => number;
  readonly openToPrograms?: boolean | undefined;
  /** Whether viewers on this host, as it was named, may listen on a port, which all its accounts reach. */
  readonly mayListenOnPort: (host: string) => boolean;
  /** What is to run on hosts before a viewer. Default: nothing. */
  readonly linesBefore?: LinesBefore | undefined;
  /** The session's root as it is known now. */
  readonly root: () => string;
  /** The Python of its environment. */
  readonly python: () => string;
  readonly logger: Logger;
}

/** Milliseconds that a stop waits for a lost host: the user waits, and the lease would end the viewer anyway. */
const stopPatience = 10_000;
/** Bytes of a crashed viewer's log that are shown. */
const crashLogBytes = 4_000;

/** The `SessionHost` of a session, over whichever connection to its host is open. */
export function hostOfSession(
  connectionId: string,
  { host, port = 22 }: Target,
  options: HostOfSessionOptions,
): SessionHost {
  const lost: SshFailure = { code: "connection-lost", host, port };
  const { hosts, tunnels, graceSeconds, openToPrograms, root, python } = options;
  const wishFor = (localPort: number | undefined): TunnelWish => ({
    ...tunnelWish(hosts, connectionId, root(), localPort),
    interpreter: python(),
    openToPrograms,
  });
  let lastJob: Connection["job"];
  let hasHeld = false;
  const connection = (): Connection | undefined => {
    const found = hosts.connection(connectionId);
    lastJob = found?.job ?? lastJob;
    return found?.state === "open" ? found : undefined;
  };
  const requireConnection = (): Connection => {
    const found = connection();
    if (found) return found;
    throw new Failure<SshFailure>({ code: "connection-unknown", id: connectionId });
  };
  return {
    get isReachable() {
      return connection() !== undefined;
    },
    failureOf: (error) => (error instanceof Failure ? error.detail : lost),
    requireReachable: () => void requireConnection(),
    launch: async (session, request, listensOn, signal) => {
      const wanted = launchRequest(session, request, listensOn, graceSeconds());
      const { target } = requireConnection();
      const lines = (await options.linesBefore?.of(target, wanted.python)) ?? [];
      return launchViewer(requireConnection(), { ...wanted, lines }, signal);
    },
    mayListenOnPort: () => options.mayListenOnPort(host),
    requirePort: (wanted) => {
      if (!options.mayListenOnPort(host))
        throw new Failure<ViewerFailure>({ code: "remote-port-not-allowed", host, port: wanted });
    },
    end: async ({ id, machine }, remote) => {
      const reached = () => hosts.get(connectionId)?.link.reached(stopPatience);
      const open = connection() ?? (await reached());
      const outcome = open && (await stopViewer(open, id, remote, machine));
      if (outcome && (outcome.kind === "gone" || open.state === "open")) return outcome;
      // The connection was lost meanwhile.
      const again = open && (await reached());
      const state = hosts.get(connectionId)?.link.state;
      if (!again && state?.kind === "down" && endOfPlace(state.wait)) return { kind: "gone" };
      return (
        (again && (await stopViewer(again, id, remote, machine))) ?? { kind: "unconfirmed", cause: lost }
      );
    },
    openTunnel: async (address, localPort, signal) =>
      tunnels.open(requireConnection(), { ...wishFor(localPort), remote: remoteAddress(address) }, signal),
    reserveTunnel: (localPort) => reserveTunnel(tunnels, connectionId, wishFor(localPort)),
    resumeTunnel: async (tunnel, address, signal) =>
      tunnel.resume(requireConnection(), remoteAddress(address), signal),
    retry: (attempt, signal) => retry(attempt, () => connection() !== undefined, signal, options.logger),
    endOfPlace: async () => (lastJob ?? hosts.connection(connectionId)?.job)?.askEnd(),
    holdPlace: async (isHeld) => {
      if (isHeld) hasHeld = true;
      else if (!hasHeld) return;
      else hasHeld = false;
      const job = connection()?.job;
      await (isHeld ? job?.hold() : job?.release());
    },
    logEnd: async (id) => {
      const open = connection();
      const piece = open && readViewerLog(open, id, "end", crashLogBytes).catch(() => undefined);
      return (await piece)?.text ?? "";
    },
    renewLeases: async (released) => hosts.get(connectionId)?.renewNow(released),
  };
}

/** What leads to a viewer: a local port that is kept for the root of its host. Its host is asked when the viewer ends. */
export function tunnelWish(
  hosts: Hosts,
  connectionId: string,
  root: string,
  localPort: number | undefined,
): TunnelWish {
  return {
    identify: askStorage,
    localPort,
    place: `${connectionId} ${root}`,
    atOnce: true,
    onRemoteEnd: () => void hosts.get(connectionId)?.renewNow(),
  };
}

function remoteAddress(address: ViewerAddress): RemoteAddress {
  return "socket" in address ? address : { host: "127.0.0.1", port: address.port };
}

/** A tunnel with this local port, or with another one where that is taken, that leads nowhere until it is resumed. */
export function reserveTunnel(tunnels: Tunnels, connectionId: string, wish: TunnelWish): Promise<Tunnel> {
  return tunnels.reserve(connectionId, wish).catch((error: unknown) => {
    if (!isTunnelFailure(error, "local-port-taken")) throw error;
    return tunnels.reserve(connectionId, { ...wish, localPort: undefined });
  });
}

function launchRequest(
  session: ViewerSession,
  request: StartRequest,
  listensOn: ListensOn,
  graceSeconds: number,
): LaunchRequest {
  const { environment } = request;
  return {
    sessionId: session.id,
    python: environment.python,
    environmentName: environment.name,
    root: request.root,
    createRoot: request.createRoot ?? false,
    listensOn,
    graceSeconds,
    facts: {
      environmentName: environment.name,
      environmentKind: environment.kind,
      startedAt: session.startedAt,
    },
  };
}

async function retry(
  attempt: () => Promise<boolean>,
  isReachable: () => boolean,
  signal: AbortSignal,
  logger: Logger,
): Promise<void> {
  const goesOn = (): boolean => isReachable() && !signal.aborted;
  for (let policy = reconnectPolicy(); goesOn(); policy = policy.next()) {
    await pause(policy.delay, signal);
    if (!goesOn()) return;
    try {
      if (await attempt()) return;
    } catch (error) {
      // Retrying is pointless.
      if (isTunnelFailure(error, "forwarding-refused", "tunnel-host-key-refused")) throw error;
      logger.info(`a tunnel does not come back: ${String(error)}`);
    }
  }
}
