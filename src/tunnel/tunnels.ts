import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { Emitter } from "../common/event.js";
import { type FailureDetail, throwIfCancelled } from "../common/failure.js";
import type { Logger } from "../common/logger.js";
import type { Carrier, OpenCarrier } from "./carrier.js";
import { openLocalPort } from "./localPort.js";
import type { Tunnel, TunnelRequest, Tunnels } from "./tunnel.js";

export interface TunnelsOptions {
  readonly openCarrier: OpenCarrier;
  /** Answers a connection that comes while the way to the host is lost, and ends it. */
  readonly answerMeanwhile: (socket: Socket) => void;
  readonly logger: Logger;
}

/** Keeps the open tunnels. */
export function createTunnels({ openCarrier, answerMeanwhile, logger }: TunnelsOptions): Tunnels {
  const changed = new Emitter<void>();
  const all = new Map<string, Tunnel>();

  const create = async (
    connectionId: string,
    { remote, localPort }: TunnelRequest,
    carrier: Carrier | undefined,
  ): Promise<Tunnel> => {
    const id = randomBytes(4).toString("hex");
    const lost = new Emitter<FailureDetail>();
    const port = await openLocalPort(localPort, answerMeanwhile);
    let isClosed = false;
    const say = (what: string): void => {
      logger.info(`tunnel 127.0.0.1:${port.port} to port ${remote.port} of ${connectionId}: ${what}`);
      changed.fire();
    };
    /** @returns false when it has ended before anybody listened. */
    const use = (next: Carrier): boolean => {
      if (!next.isOpen) return false;
      port.carrier = next;
      next.onDidClose((failure) => {
        if (port.carrier !== next) return;
        port.carrier = undefined;
        port.resetAll();
        if (isClosed || !failure) return;
        lost.fire(failure);
        say(failure.code);
      });
      say(next.backend);
      return true;
    };
    if (carrier) use(carrier);
    const tunnel: Tunnel = {
      id,
      connectionId,
      get backend() {
        return port.carrier?.backend;
      },
      localPort: port.port,
      remote,
      onDidLose: lost.event,
      resume: async (connection, resumeSignal) => {
        const next = await openCarrier(connection, remote, resumeSignal);
        if (isClosed) {
          await next.close();
          return;
        }
        const before = port.carrier;
        use(next);
        await before?.close();
      },
      close: async () => {
        if (isClosed) return;
        isClosed = true;
        all.delete(id);
        await Promise.all([port.carrier?.close(), port.close()]);
        say("closed");
      },
    };
    all.set(id, tunnel);
    changed.fire();
    return tunnel;
  };

  return {
    get all() {
      return [...all.values()];
    },
    onDidChange: changed.event,
    open: async (connection, request, signal) => {
      const carrier = await openCarrier(connection, request.remote, signal);
      try {
        throwIfCancelled(signal);
        return await create(connection.id, request, carrier);
      } catch (error) {
        await carrier.close();
        throw error;
      }
    },
    reserve: (connectionId, request) => create(connectionId, request, undefined),
    closeAll: async () => {
      await Promise.all([...all.values()].map((tunnel) => tunnel.close()));
    },
  };
}
