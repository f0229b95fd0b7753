import { Emitter } from "../common/event.js";
import type { Logger } from "../common/logger.js";
import { openInProcessTunnel } from "./inProcessTunnel.js";
import type { Tunnel, Tunnels } from "./tunnel.js";

/** Keeps the open tunnels. The backend is chosen here; there is one so far. */
export function createTunnels(logger: Logger): Tunnels {
  const changed = new Emitter<void>();
  const open = new Map<string, Tunnel>();
  return {
    get all() {
      return [...open.values()];
    },
    onDidChange: changed.event,
    open: async (connection, request, signal) => {
      const tunnel = await openInProcessTunnel(connection, request, signal);
      open.set(tunnel.id, tunnel);
      tunnel.onDidClose((failure) => {
        open.delete(tunnel.id);
        logger.info(`tunnel 127.0.0.1:${tunnel.localPort}: ${failure?.code ?? "closed"}`);
        changed.fire();
      });
      logger.info(`tunnel 127.0.0.1:${tunnel.localPort} to port ${tunnel.remote.port} of ${connection.id}`);
      changed.fire();
      return tunnel;
    },
    closeAll: async () => {
      await Promise.all([...open.values()].map((tunnel) => tunnel.close()));
    },
  };
}
