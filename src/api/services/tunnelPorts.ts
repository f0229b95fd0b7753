import type { App } from "../../app.js";
import type { Logger } from "../../common/logger.js";
import { createSessionStore } from "../../viewer/session/sessionStore.js";

/** Local ports whose pages come from a host and must not be trusted. */
export interface TunnelPorts {
  /** Whether this port is or was that of a tunnel of this process, or of a viewer in another window. */
  has(port: number): Promise<boolean>;
  dispose(): void;
}

/** @param sessionsFile `sessions.json`, shared by all windows and programs with this data folder. */
export function createTunnelPorts({ tunnels }: App, sessionsFile: string, logger: Logger): TunnelPorts {
  const sessions = createSessionStore(sessionsFile, logger);
  // Keep closed ones: a page that was loaded through them may still be open.
  const seen = new Set<number>();
  const remember = (): void => tunnels.all.forEach(({ localPort }) => seen.add(localPort));
  remember();
  const changed = tunnels.onDidChange(remember);
  return {
    has: async (port) => {
      if (!seen.has(port)) for (const { localPort } of await sessions.list()) seen.add(localPort);
      return seen.has(port);
    },
    dispose: () => changed.dispose(),
  };
}
