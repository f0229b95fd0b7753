import { randomBytes } from "node:crypto";
import { Emitter } from "../common/async/event.js";
import { type FailureDetail, throwIfCancelled } from "../common/failure.js";
import type { Logger } from "../common/logger.js";
import type { RemoteAddress } from "../ssh/model/remoteAddress.js";
import type { Forwarder, OpenForwarder } from "./forwarder.js";
import type { GuardOptions } from "./guard/guard.js";
import { isTunnelFailure } from "./failures.js";
import type { KeptPorts } from "./keptPorts.js";
import { openPortOf } from "./portOfPlace.js";
import { type LocalPort, openLocalPort } from "./localPort.js";
import type { Tunnel, Tunnels, TunnelWish } from "./tunnel.js";
import { watchRemote } from "./watchRemote.js";

export interface TunnelsOptions {
  readonly openForwarder: OpenForwarder;
  /** What the guards of all local ports share. */
  readonly guard: Pick<GuardOptions, "key" | "pages">;
  /** Which port belongs to which place. Default: none belongs to any. */
  readonly keptPorts?: KeptPorts;
  /** A place's ports are in use, and it has got another one. */
  readonly onMoved?: (before: number, now: number) => void;
  readonly logger: Logger;
}

/** All open tunnels. */
export function createTunnels(options: TunnelsOptions): Tunnels {
  const { openForwarder, guard, logger } = options;
  const changed = new Emitter<void>();
  const all = new Map<string, Tunnel>();

  const create = async (
    connectionId: string,
    wish: TunnelWish,
    forwarder?: Forwarder,
    remote?: RemoteAddress,
  ): Promise<Tunnel> => {
    const { localPort, place, openToPrograms = false } = wish;
    const open = (wanted: number | undefined): Promise<LocalPort> =>
      openLocalPort(wanted, { ...guard, openToPrograms });
    const port =
      localPort === undefined && place !== undefined
        ? await openPortOf(place, open, options)
        : await open(localPort);
    const tunnel = createTunnel({
      connectionId,
      wish,
      port,
      forwarder,
      remote,
      openForwarder,
      onEvent: (what, to) => {
        const end = to === undefined ? "" : "socket" in to ? `${to.socket} of ` : `port ${to.port} of `;
        logger.info(`tunnel 127.0.0.1:${port.port} to ${end}${connectionId}: ${what}`);
        changed.fire();
      },
      onClosing: () => all.delete(tunnel.id),
    });
    all.set(tunnel.id, tunnel);
    changed.fire();
    return tunnel;
  };

  return {
    get all() {
      return [...all.values()];
    },
    onDidChange: changed.event,
    open: async (connection, request, signal) => {
      const forwarder = await openForwarder(connection, request, signal);
      try {
        throwIfCancelled(signal);
        return await create(connection.id, request, forwarder, request.remote);
      } catch (error) {
        await forwarder.close();
        throw error;
      }
    },
    reserve: (connectionId, wish) => create(connectionId, wish),
    closeAll: async () => {
      await Promise.all([...all.values()].map((tunnel) => tunnel.close()));
    },
  };
}

interface TunnelParts {
  readonly connectionId: string;
  readonly wish: TunnelWish;
  readonly port: LocalPort;
  /** Undefined for a tunnel whose host is not reached yet. */
  readonly forwarder: Forwarder | undefined;
  readonly remote: RemoteAddress | undefined;
  readonly openForwarder: OpenForwarder;
  /** For the log: the backend that carries it now, the failure that ended one, or "closed". */
  readonly onEvent: (what: string, to: RemoteAddress | undefined) => void;
  readonly onClosing: () => void;
}

function createTunnel(parts: TunnelParts): Tunnel {
  const { connectionId, wish, port, openForwarder, onEvent, onClosing } = parts;
  const { onRemoteEnd } = wish;
  let { remote } = parts;
  const lost = new Emitter<FailureDetail>();
  let { atOnce } = wish;
  let isClosed = false;
  /** Stays in use because ssh did not trust the host. */
  let staying: Forwarder | undefined;
  /** Ends what is done for the one that carries now. */
  let present = new AbortController();
  /** What began over them is there still. */
  const succeeded: Forwarder[] = [];
  let succession = Promise.resolve();
  const lose = (failure: FailureDetail | undefined): void => {
    present.abort();
    port.forwarder = undefined;
    port.resetAll();
    if (isClosed || !failure) return;
    lost.fire(failure);
    onEvent(failure.code, remote);
  };
  const keep = (one: Forwarder): void => void succeeded.push(one);
  const stay = (why: string, isRefused: boolean): void => {
    if (isRefused) staying = port.forwarder;
    onEvent(`stays as it is: ${why}`, remote);
  };
  const refuse = (failure: FailureDetail): void => {
    // The next try waits for it, and fails.
    atOnce = false;
    lose(failure);
  };
  const use = (next: Forwarder): void => {
    // It may have ended before anybody listened.
    if (!next.isOpen) return;
    present.abort();
    present = new AbortController();
    port.forwarder = next;
    if (onRemoteEnd) void watchRemote(next, onRemoteEnd, present.signal);
    next.onDidClose((failure) => {
      if (port.forwarder === next) lose(failure);
    });
    onEvent(next.backend, remote);
    const earlier = succession;
    succession = succeed(next, present.signal, { use, keep, refuse, stay }).then(() => earlier);
  };
  if (parts.forwarder) use(parts.forwarder);
  return {
    id: randomBytes(4).toString("hex"),
    connectionId,
    get backend() {
      return port.forwarder?.backend;
    },
    get isRefusedBySsh() {
      return staying !== undefined && staying === port.forwarder;
    },
    localPort: port.port,
    get remote() {
      return remote;
    },
    entrance: (entrance) => port.entrance(entrance),
    ownHeaders: port.ownHeaders,
    onDidLose: lost.event,
    resume: async (connection, to, signal) => {
      const next = await openForwarder(connection, { ...wish, atOnce, remote: to }, signal);
      if (isClosed) {
        await next.close();
        return;
      }
      remote = to;
      const before = port.forwarder;
      use(next);
      await before?.close();
    },
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      onClosing();
      present.abort();
      await Promise.all([port.forwarder?.close(), port.close(), succession]);
      await Promise.all(succeeded.map((one) => one.close()));
      onEvent("closed", remote);
    },
  };
}

interface Succession {
  readonly use: (next: Forwarder) => void;
  /** Of the one that was succeeded. */
  readonly keep: (before: Forwarder) => void;
  /** Nothing may carry. */
  readonly refuse: (failure: FailureDetail) => void;
  /** It is carried on as it was. `isRefused`: because ssh does not trust the host that it reached. */
  readonly stay: (why: string, isRefused: boolean) => void;
}

/**
 * Waits for the replacement of this forwarder, and switches to it. Never rejects.
 * @param signal this one does not carry any more.
 */
async function succeed(
  before: Forwarder,
  signal: AbortSignal,
  { use, keep, refuse, stay }: Succession,
): Promise<void> {
  try {
    const next = await before.successor?.(signal);
    if (next && (signal.aborted || !next.isOpen)) await next.close();
    else if (next) {
      keep(before);
      use(next);
    }
  } catch (error) {
    if (signal.aborted) return;
    if (!isTunnelFailure(error, "tunnel-host-key-refused")) return stay(String(error), false);
    const { detail } = error;
    if (detail.isRevoked) refuse(detail);
    // Do not use what ssh reached: our connection is bound to the host key that was confirmed here.
    else stay(`ssh does not trust the host that it reached: ${detail.output}`, true);
  }
}
