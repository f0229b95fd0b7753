import type { App } from "../../app.js";
import type { Logger } from "../../common/logger.js";
import { createSessionStore } from "../../viewer/session/sessionStore.js";

/** Local ports whose pages are a host's and not the person's. */
export interface TunnelPorts {
  /** Whether a tunnel of this program, or a viewer that another program of the person shows, leads from this port to a host. */
  has(port: number): Promise<boolean>;
  dispose(): void;
}

/** @param sessionsFile where all programs with this data folder write down their viewers. */
export function createTunnelPorts({ tunnels }: App, sessionsFile: string, logger: Logger): TunnelPorts {
  const sessions = createSessionStore(sessionsFile, logger);
  // One that was closed is not forgotten: a page that came through it may still be open.
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
