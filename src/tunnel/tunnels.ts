import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { Emitter } from "../common/event.js";
import { Cancelled, type FailureDetail } from "../common/failure.js";
import type { Logger } from "../common/logger.js";
import type { Connection } from "../ssh/connection.js";
import type { Carrier, OpenCarrier } from "./carrier.js";
import { openLocalPort } from "./localPort.js";
import type { RemoteAddress, Tunnel, Tunnels } from "./tunnel.js";

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
    first: Connection,
    remote: RemoteAddress,
    wanted: number | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Tunnel> => {
    const id = randomBytes(4).toString("hex");
    const lost = new Emitter<FailureDetail>();
    const carrier = await openCarrier(first, remote, signal);
    const port = await openLocalPort(wanted, answerMeanwhile).catch(async (error: unknown) => {
      await carrier.close();
      throw error;
    });
    let isClosed = false;
    const say = (what: string): void => {
      logger.info(`tunnel 127.0.0.1:${port.port} to port ${remote.port} of ${first.id}: ${what}`);
      changed.fire();
    };
    const use = (next: Carrier): void => {
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
    };
    use(carrier);
    return {
      id,
      connectionId: first.id,
      get backend() {
        return port.carrier?.backend;
      },
      localPort: port.port,
      remote,
      onDidLose: lost.event,
      resume: async (connection, resumeSignal) => {
        const next = await openCarrier(connection, remote, resumeSignal);
        if (isClosed) await next.close();
        else use(next);
      },
      close: async () => {
        if (isClosed) return;
        isClosed = true;
        all.delete(id);
        await Promise.all([port.carrier?.close(), port.close()]);
        say("closed");
      },
    };
  };

  return {
    get all() {
      return [...all.values()];
    },
    onDidChange: changed.event,
    open: async (connection, { remote, localPort }, signal) => {
      const tunnel = await create(connection, remote, localPort, signal);
      if (signal?.aborted) {
        await tunnel.close();
        throw new Cancelled();
      }
      all.set(tunnel.id, tunnel);
      changed.fire();
      return tunnel;
    },
    closeAll: async () => {
      await Promise.all([...all.values()].map((tunnel) => tunnel.close()));
    },
  };
}
