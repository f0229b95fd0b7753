import type { Logger } from "./common/logger.js";
import type { Environments } from "./environments/environments.js";
import type { SavedConnections } from "./savedConnections.js";
import type { Connections } from "./ssh/connections.js";
import type { KnownHosts } from "./ssh/knownHosts.js";
import type { Tunnels } from "./tunnel/tunnel.js";
import type { Viewers } from "./viewer/viewers.js";

/** What the surroundings (VS Code, a terminal) lend to the app. */
export interface Ports {
  /** Absolute path of a folder of ours: known_hosts, saved connections. Made with mode 0700 when missing. */
  readonly dataFolder: string;
  readonly logger: Logger;
  /** The local user's home folder; `~/.ssh` is read below it. */
  readonly home: string;
}

/** The services that trees, status bar, panels, terminal and REST API all share. */
export interface App {
  readonly knownHosts: KnownHosts;
  readonly savedConnections: SavedConnections;
  readonly connections: Connections;
  readonly environments: Environments;
  readonly tunnels: Tunnels;
  readonly viewers: Viewers;
  /** Stops every viewer, closes every tunnel and connection. Resolves when all is gone. */
  close(): Promise<void>;
}
